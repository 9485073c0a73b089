-- One spelling for searching, made of the names in three steps.
--  1. Compatibility forms are taken apart (NFKD) and what is written above and below letters of Latin, Greek, Cyrillic, Hebrew and
--     Arabic falls away: accents, points, hamza; so do tatweel, joiners and everything else that nobody sees. What stays is put
--     together again (NFC), because the marks of Kana and Indic letters make other letters.
--  2. Letters with a stroke and ligatures become plain (unaccent), capitals small.
--  3. Persian and Arabic letters and the digits of all scripts become one; punctuation becomes a blank, with one blank
--     before the first and behind the last word, so that the beginning of a word can be asked for.
-- Immutable, because Unicode never changes how an assigned character is taken apart, and the dictionary comes with PostgreSQL.
create or replace function search_form(name text, variants text[], abbreviation text) returns text
  language sql immutable parallel safe
  set search_path = public, pg_catalog
as $$
  select ' ' || btrim(regexp_replace(translate(
    lower(unaccent('unaccent'::regdictionary, normalize(regexp_replace(normalize(
      concat_ws(' ', name, nullif(array_to_string(variants, ' '), ''), abbreviation), nfkd),
      '[\u0300-\u036F\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061C\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED\u00AD\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\U000E0000-\U000E0FFF]+', '', 'g'), nfc))),
    'ىیکھہەةٱς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹߀߁߂߃߄߅߆߇߈߉०१२३४५६७८९০১২৩৪৫৬৭৮৯੦੧੨੩੪੫੬੭੮੯૦૧૨૩૪૫૬૭૮૯୦୧୨୩୪୫୬୭୮୯௦௧௨௩௪௫௬௭௮௯౦౧౨౩౪౫౬౭౮౯೦೧೨೩೪೫೬೭೮೯൦൧൨൩൪൫൬൭൮൯෦෧෨෩෪෫෬෭෮෯๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙༠༡༢༣༤༥༦༧༨༩၀၁၂၃၄၅၆၇၈၉០១២៣៤៥៦៧៨៩᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙',
    'ييكههههاσ0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789'),
    '[\s\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E\u00A1-\u00A7\u00AB\u00B6\u00B7\u00BB\u00BF\u02B0-\u02FF\u058A\u05BE\u05F3\u05F4\u060C\u061B\u061F\u06D4\u0964\u0965\u2010-\u205E\u3001-\u3004\u3008-\u3020\u3030\u30FB]+', ' ', 'g')) || ' '
$$;--> statement-breakpoint
-- Han with the signs that repeat it, Kana, Hangul, Thai, Lao, Myanmar, Khmer.
create function is_unspaced(sign text) returns boolean
  language sql immutable parallel safe
as $$
  select sign ~ '^[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3005-\u3007\u3041-\u30FA\u30FC-\u30FF\u3400-\u9FFF\uAC00-\uD7A3\uF900-\uFAFF\U00020000-\U0003FFFF]'
$$;--> statement-breakpoint
-- What is written without blanks between words has no beginnings of words, and trigrams find nothing shorter than three characters:
-- each character of such a script, and each with the one that follows.
create function search_pairs(name text, variants text[], abbreviation text) returns text[]
  language sql immutable parallel safe
  set search_path = public, pg_catalog
as $$
  select coalesce(array_agg(distinct part) filter (where part <> ''), '{}')
  from (
    select sign, lead(sign, 1, '') over (order by place) as follower
    from string_to_table(search_form(name, variants, abbreviation), null) with ordinality as signs(sign, place)
  ) pairs
  cross join lateral (values (sign), (case when is_unspaced(follower) then sign || follower end)) parts(part)
  where is_unspaced(sign)
$$;--> statement-breakpoint
alter table organisations drop column search_text;--> statement-breakpoint
alter table organisations add column search_text text generated always as (search_form(name, name_variants, abbreviation)) stored not null;--> statement-breakpoint
create index organisations_search on organisations using gin (country, search_text gin_trgm_ops) with (fastupdate = false);
