CREATE TABLE "seal_version" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"version" uuid NOT NULL,
	CONSTRAINT "seal_version_once" CHECK ("seal_version"."only")
);--> statement-breakpoint
insert into seal_version (version) values (gen_random_uuid());--> statement-breakpoint
drop function if exists caller_sealed();
