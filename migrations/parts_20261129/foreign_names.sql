-- Of the settlements that planners of other townships name only those count that are called a village: one called
-- like a street would close that street's name to everybody else. And a settlement of these townships that begins
-- with the name of another's village (光明村5号) does not lend that name.
-- Names of townships and villages of these counties that are not in these townships, and of other counties. A name that
-- these townships have too is theirs, unless it holds the name of another township.
CREATE OR REPLACE FUNCTION gridsight.foreign_names(mine text[], OUT foreign_words text[], OUT foreign_pattern text,
    OUT any_pattern text) STABLE SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
DECLARE
  day date := gridsight.today();
  counties text[] := (SELECT array_agg(DISTINCT left(one, 6)) FROM unnest(mine) one);
  own text[];
BEGIN
  WITH named AS (
    SELECT gridsight.address_form(n.name) AS name, n.level,
      CASE WHEN n.level = 'county' THEN left(n.code, 6) = ANY (counties) ELSE left(n.code, 9) = ANY (mine) END AS is_own
    FROM (
      SELECT d.name, d.code, d.level FROM gridsight.divisions d
      WHERE d.level IN ('county', 'township', 'village') AND coalesce(d.valid_to, 'infinity') > day
      UNION ALL
      SELECT v.name, v.code, 'settlement' FROM gridsight.villages v WHERE coalesce(v.valid_to, 'infinity') > day
        AND (left(v.code, 9) = ANY (mine) OR gridsight.plain_words(v.name) ~ '(村|社区|委会|委员会|嘎查|village)$')) n
    WHERE n.level = 'county' OR left(n.code, 6) = ANY (counties)
  ), known AS (SELECT * FROM named n WHERE char_length(n.name) > 1),
  theirs AS (
    SELECT k.name FROM known k WHERE k.is_own AND NOT (k.level = 'settlement' AND EXISTS (
      SELECT FROM known o WHERE o.level <> 'settlement' AND NOT o.is_own AND CASE
        WHEN o.level IN ('county', 'township') THEN strpos(k.name, o.name) > 0
        ELSE (strpos(k.name, o.name) = 1 OR EXISTS (
            SELECT FROM known c WHERE c.level = 'county' AND c.is_own AND strpos(k.name, c.name || o.name) = 1))
          AND NOT EXISTS (SELECT FROM known w WHERE w.level <> 'settlement' AND w.is_own AND w.name = o.name) END)))
  SELECT (SELECT array_agg(t.name) FROM theirs t),
    (SELECT array_agg(DISTINCT k.name) FROM known k
     WHERE NOT k.is_own AND NOT EXISTS (SELECT FROM theirs t WHERE t.name = k.name))
    INTO own, foreign_words;
  foreign_words := coalesce(foreign_words, '{}');
  -- Of names that begin at one character the longest is read, of others the first. Without any, nothing matches.
  foreign_pattern := '(' || coalesce(nullif((SELECT string_agg(CASE WHEN n.name ~ '^[0-9]' THEN '(?<![0-9])' ELSE '' END
    || regexp_replace(n.name, '[(/.,-]', '\\\&', 'g'), '|') FROM unnest(foreign_words) n (name)), ''), '$.') || ')';
  any_pattern := '(' || coalesce(nullif((SELECT string_agg(CASE WHEN n.name ~ '^[0-9]' THEN '(?<![0-9])' ELSE '' END
    || regexp_replace(n.name, '[(/.,-]', '\\\&', 'g'), '|') FROM unnest(foreign_words || own) n (name)), ''), '$.') || ')';
END
$$
