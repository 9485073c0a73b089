CREATE TABLE "authorities" (
	"delegate_id" uuid NOT NULL,
	"mandate_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"organisation_kind" "organisation_kind" NOT NULL,
	"organisation_status" "organisation_status" NOT NULL,
	"sealed" boolean NOT NULL,
	"powers" text[] NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	CONSTRAINT "authorities_delegate_id_mandate_id_organisation_id_pk" PRIMARY KEY("delegate_id","mandate_id","organisation_id")
);
--> statement-breakpoint
ALTER TABLE "authorities" ADD CONSTRAINT "authorities_of_mandate" FOREIGN KEY ("mandate_id","delegate_id") REFERENCES "public"."mandates"("id","delegate_id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
-- What the triggers keep from now on: see renew_authorities().
alter table mandates no force row level security;--> statement-breakpoint
alter table organisations no force row level security;--> statement-breakpoint
insert into authorities
  (delegate_id, mandate_id, organisation_id, organisation_kind, organisation_status, sealed, powers, starts_on, ends_on)
select m.delegate_id, m.id, acted_for.id, o.kind, o.status, o.sealed_at is not null,
  case when o.sealed_at is not null then '{}' when acted_for.id = o.id then m.powers else array_remove(m.powers, 'vouch') end,
  m.starts_on, m.ends_on
from mandates m
join organisations o on o.id = m.organisation_id
cross join lateral (select o.id union all select merged.id from organisations merged where merged.merged_into_id = o.id) acted_for
where m.status = 'active' and o.status in ('provisional', 'verified', 'rejected');--> statement-breakpoint
alter table organisations force row level security;--> statement-breakpoint
alter table mandates force row level security;
