-- What stands there was sealed by the key of the host; from now on everybody who writes one says by which key.
ALTER TABLE "itineraries" ADD COLUMN "by_key_of_visit" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "itineraries" ALTER COLUMN "by_key_of_visit" DROP DEFAULT;
