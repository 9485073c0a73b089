-- Organisations in sixty countries: of a hundred, 93 verified, three provisional, two unclaimed, one
-- suspended, one dissolved. Their names share words, as names of unions do; every fourth has a Cyrillic variant.
with words as (
  select
    array['AR','AT','AU','BD','BE','BG','BO','BR','BY','CA','CH','CL','CM','CO','CU','CZ','DE','DK','EC','EG',
          'ES','FI','FR','GB','GE','GH','GR','HR','HU','ID','IE','IN','IT','JP','KE','KR','KZ','LK','LT','LV',
          'MA','MX','MY','NG','NL','NO','NZ','PE','PH','PK','PL','PT','RO','RS','RU','SE','TR','UA','US','ZA']
      as countries,
    array['Metalworkers','Miners','Teachers','Dockers','Nurses','Railway workers','Bus drivers','Printers','Weavers',
          'Farm workers','Builders','Cleaners','Cooks','Couriers','Electricians','Foresters','Glassmakers','Joiners',
          'Journalists','Librarians','Musicians','Painters','Pilots','Postal workers','Programmers','Sailors',
          'Shop assistants','Steelworkers','Sugar workers','Tailors','Tram drivers','Welders','Tractor builders',
          'Chemical workers','Brewers','Bakers','Butchers','Care workers','Domestic workers','Fishers'] as trades,
    array['металлистов','горняков','учителей','докеров','медсестёр','железнодорожников','водителей','печатников',
          'ткачей','строителей','поваров','курьеров','электриков','стекольщиков','журналистов','моряков',
          'сталеваров','швей','сварщиков','тракторостроителей'] as trades_cyrillic,
    array['al','be','cor','da','el','fa','gor','ha','is','jo','kra','lo','mi','na','os','pe','ri','sa','to','us',
          'va','wo','za','zhe'] as beginnings,
    array['ba','chi','den','far','gat','hol','kan','lin','mar','nor','pol','ras','sk','tov','vel'] as middles,
    array['burg','chester','dorf','field','grad','ham','ia','ino','mouth','nica','ov','polis','stadt','ton','ville',
          'wick','yarsk','zh'] as endings
), rows as (
  select n, words.*,
    pg_temp.organisation_made_at(n) as made_at,
    initcap(pg_temp.one_of(beginnings, 'beginning', n) || pg_temp.one_of(middles, 'middle', n)
      || pg_temp.one_of(endings, 'ending', n)) as place,
    pg_temp.one_of(trades, 'trade', n) as trade
  from generate_series(1, pg_temp.organisation_count()) n cross join words
)
insert into organisations (id, version, created_at, updated_at, status, kind, name, name_variants, abbreviation, country,
  languages, industries, website, about, member_count, external_ids, vouch_by,
  skeletons_version)
select
  pg_temp.organisation_id(n), 1 + pg_temp.pick('version', n, 4), made_at, made_at + interval '3 days',
  (case when n % 100 < 93 then 'verified' when n % 100 < 96 then 'provisional' when n % 100 < 98 then 'unclaimed'
    when n % 100 = 98 then 'suspended' else 'dissolved' end)::organisation_status,
  (case when n % 100 = 50 then 'coordination' else pg_temp.one_of(
    array['union','union','union','strike_committee','works_council','workplace_group','support_group','federation'],
    'kind', n) end)::organisation_kind,
  trade || pg_temp.one_of(array[' of ', ' union of ', ' united, ', ' for solidarity, ', ' local of '], 'form', n) || place,
  case when n % 4 = 0 then array['Профсоюз ' || pg_temp.one_of(trades_cyrillic, 'cyrillic', n) || ' ' || place]
    when n % 4 = 1 then array[trade || ' ' || place, place || ' branch'] else '{}' end,
  case when n % 3 = 0 then upper(left(trade, 1) || left(place, 3)) || n % 90 end,
  pg_temp.one_of(countries, 'country', n),
  case when n % 4 = 0 then array['ru', 'en'] else array['en'] end,
  array[pg_temp.one_of(array['2821','0510','8510','5224','8610','4911','4921','1811'], 'industry', n)],
  case when n % 2 = 0 then 'https://union-' || n || '.example.org' end,
  'We organise ' || lower(trade) || ' in ' || place || ' and the towns around, in all shifts, and help whoever strikes.',
  20 + pg_temp.pick('members', n, 5000),
  case when n % 5 = 0 then jsonb_build_array(jsonb_build_object('system', 'wikidata', 'id', 'Q' || n)) else '[]' end,
  case when n % 100 between 93 and 95 then timestamptz '2100-01-01 00:00+00' end,
  current_setting('bench.skeletons_version')::int
from rows order by n;
