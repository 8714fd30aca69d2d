-- Words without spaces, punctuation and marks, which say nothing of a place, in lower case and NFKC.
CREATE FUNCTION gridsight.plain_words(words text) RETURNS text IMMUTABLE LANGUAGE sql
  RETURN lower(regexp_replace(normalize(words, NFKC), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f\ufe00-\ufe0f\ufeff]', '', 'g') COLLATE "C")
;;
-- The 9-digit code of a township that a shape reaches into though it is none of these, '' where it reaches out of all,
-- null where it stays within them. Half a metre along a border is no reach: in degrees of latitude, to which degrees of
-- longitude are squeezed.
CREATE FUNCTION gridsight.reach(place public.geometry, mine text[]) RETURNS text STABLE SECURITY DEFINER
  LANGUAGE plpgsql SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
DECLARE
  day date := gridsight.today();
  shape geometry := CASE WHEN ST_IsValid(place) THEN place ELSE ST_MakeValid(place) END;
  near geometry := ST_Expand(ST_Envelope(place), 0.0001);
  squeeze float8 := greatest(cos(radians((ST_YMin(place) + ST_YMax(place)) / 2)), 0.01);
  rest geometry := shape;
  edges geometry := 'SRID=4326;LINESTRING EMPTY';
  told text;
  town record;
BEGIN
  FOR town IN
    SELECT left(d.code, 9) AS code, CASE WHEN ST_IsValid(d.geom) THEN d.geom ELSE ST_MakeValid(d.geom) END AS geom
    FROM gridsight.divisions d
    WHERE d.level = 'township' AND d.geom && near
      AND coalesce(d.valid_from, '-infinity') <= day AND coalesce(d.valid_to, 'infinity') > day
    ORDER BY d.code
  LOOP
    IF town.code = ANY (mine) THEN
      rest := ST_Difference(rest, town.geom);
      edges := ST_Collect(edges, ST_Intersection(ST_Boundary(town.geom), near));
    ELSIF told IS NULL AND ST_Intersects(town.geom, shape) AND NOT gridsight.along(
        ST_Intersection(shape, town.geom), ST_Intersection(ST_Boundary(town.geom), near), squeeze) THEN
      told := town.code;
    END IF;
  END LOOP;
  IF told IS NULL AND NOT gridsight.along(rest, edges, squeeze) THEN
    told := '';
  END IF;
  -- What lies wholly on the far side of a border is not along it.
  IF told IS NULL AND NOT coalesce(gridsight.township_of(place) = ANY (mine), false) THEN
    told := coalesce(gridsight.township_of(place), '');
  END IF;
  RETURN told;
END
$$
;;
CREATE FUNCTION gridsight.why_not(shape public.geometry, mine text[], OUT why text, OUT place text)
  STABLE SECURITY DEFINER LANGUAGE plpgsql SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
BEGIN
  place := gridsight.reach(shape, mine);
  why := CASE WHEN place IS NULL THEN NULL WHEN place = '' THEN 'outside'
    WHEN gridsight.reach(shape, ARRAY[place]) IS NULL THEN 'elsewhere' ELSE 'border' END;
END
$$
;;
CREATE FUNCTION gridsight.along(part public.geometry, border public.geometry, squeeze float8) RETURNS boolean
  IMMUTABLE LANGUAGE sql
BEGIN ATOMIC
  SELECT public.ST_IsEmpty(part) OR (NOT public.ST_IsEmpty(border) AND public.ST_IsEmpty(public.ST_Difference(
    public.ST_Scale(part, squeeze, 1), public.ST_Buffer(public.ST_Scale(border, squeeze, 1), 4.4915e-6))));
END
;;
-- What a refusal says: the program finds its words from the detail.
CREATE FUNCTION gridsight.refuse(why text, key text, place text, word text) RETURNS void STABLE SECURITY DEFINER
  LANGUAGE plpgsql SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = 'out of scope', CONSTRAINT = 'within', DETAIL = json_build_object(
    'why', why, 'key', key, 'place', place, 'word', word, 'name', (
      SELECT d.name FROM gridsight.divisions d WHERE d.level = 'township' AND left(d.code, 9) = place
      ORDER BY d.valid_to DESC NULLS FIRST LIMIT 1));
END
$$
;;
-- Of the rows of a statement there are no statistics: without a word rows before and after are joined each with each.
CREATE FUNCTION gridsight.within() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp SET enable_nestloop = off AS $$
DECLARE
  mine text[] := coalesce(string_to_array(current_setting('app.townships', true), ','), '{}');
  day date := gridsight.today();
  key text := TG_ARGV[0];
  codes text := TG_ARGV[1];
  texts text := TG_ARGV[2];
  side text;
  source text;
  rows bigint;
  box geometry;
  town record;
  these bigint[];
  inside bigint[];
  doubted bigint[];
  fault record;
  foreign_words text[];
  foreign_pattern text;
  any_pattern text;
BEGIN
  FOREACH side IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY['came'] WHEN 'DELETE' THEN ARRAY['went']
                             ELSE ARRAY['went', 'came'] END
  LOOP
    source := side;
    IF TG_OP = 'UPDATE' THEN
      -- A row that is stored as it was is no change, wherever it lies. Mostly there is none.
      EXECUTE format('SELECT count(*), array_agg(w.fid) FILTER (WHERE w.version <> c.version OR w.%1$I <> c.%1$I)
        FROM went w JOIN came c ON c.fid = w.fid', key) INTO rows, these;
      IF cardinality(these) IS DISTINCT FROM rows THEN
        source := format('(SELECT one.* FROM %I one WHERE one.fid = ANY (%L::bigint[]))', side,
          coalesce(these, '{}'));
      END IF;
    END IF;
    EXECUTE format('SELECT count(*), ST_SetSRID(ST_Extent(s.geom)::geometry, 4326) FROM %s s', source) INTO rows, box;
    CONTINUE WHEN rows = 0;
    -- Most rows of many lie inside one township and meet no other: a township at a time is prepared once for all rows.
    inside := '{}';
    doubted := '{}';
    FOR town IN
      SELECT left(d.code, 9) = ANY (mine) AS is_mine, d.geom FROM gridsight.divisions d
      WHERE rows > 1 AND d.level = 'township' AND d.geom && ST_Expand(box, 0.0001)
        AND coalesce(d.valid_from, '-infinity') <= day AND coalesce(d.valid_to, 'infinity') > day
        AND ST_IsValid(d.geom)
    LOOP
      IF town.is_mine THEN
        EXECUTE format('SELECT array_agg(s.fid) FROM %s s WHERE s.geom @ $1 AND ST_Covers($1, s.geom)', source)
          INTO these USING town.geom;
        inside := inside || these;
      ELSE
        EXECUTE format('SELECT array_agg(s.fid) FROM %s s WHERE s.geom && $1 AND ST_Intersects($1, s.geom)', source)
          INTO these USING town.geom;
        doubted := doubted || these;
      END IF;
    END LOOP;
    EXECUTE format('
      SELECT t.key, n.why, n.place FROM (
        SELECT s.%I AS key, s.geom FROM %s s
        LEFT JOIN unnest($1) AS inside (fid) ON inside.fid = s.fid
        LEFT JOIN (SELECT DISTINCT fid FROM unnest($2) AS one (fid)) AS doubted ON doubted.fid = s.fid
        WHERE inside.fid IS NULL OR doubted.fid IS NOT NULL OFFSET 0) t, LATERAL gridsight.why_not(t.geom, $3) n
      WHERE n.why IS NOT NULL LIMIT 1', key, source) INTO fault USING inside, doubted, mine;
    IF fault.key IS NOT NULL THEN
      PERFORM gridsight.refuse(fault.why, fault.key, fault.place, NULL);
    END IF;
    IF codes <> '' THEN
      EXECUTE format('
        SELECT c.key, c.word, left(c.word, 9) AS place FROM (
          SELECT s.%I AS key, gridsight.plain_words(unnest(ARRAY[%s])) AS word FROM %s s) c
        WHERE c.word ~ ''^[0-9]{9}'' AND NOT left(c.word, 9) = ANY ($1) AND EXISTS (
          SELECT FROM gridsight.divisions d WHERE d.level = ''township'' AND left(d.code, 9) = left(c.word, 9)
            AND coalesce(d.valid_to, ''infinity'') > $2)
        LIMIT 1', key, codes, source) INTO fault USING mine, day;
      IF fault.key IS NOT NULL THEN
        PERFORM gridsight.refuse('code', fault.key, fault.place, fault.word);
      END IF;
    END IF;
    IF texts <> '' THEN
      IF any_pattern IS NULL THEN
        SELECT w.foreign_words, w.foreign_pattern, w.any_pattern INTO foreign_words, foreign_pattern, any_pattern
        FROM gridsight.foreign_names(mine) w;
      END IF;
      EXECUTE format('
        SELECT t.key, t.word, m.name AS place FROM (
          SELECT s.key, s.word, gridsight.plain_words(s.word) AS plain FROM (
            SELECT s.%I AS key, unnest(ARRAY[%s]) AS word FROM %s s) s) t,
          LATERAL (SELECT one[1] AS name FROM regexp_matches(t.plain, $2, ''g'') one WHERE one[1] = ANY ($3) LIMIT 1) m
        WHERE t.plain ~ $1 LIMIT 1', key, texts, source) INTO fault USING foreign_pattern, any_pattern, foreign_words;
      IF fault.key IS NOT NULL THEN
        PERFORM gridsight.refuse('text', fault.key, fault.place, fault.word);
      END IF;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$
;;
-- Names of townships and villages of these counties that are not in these townships, and of other counties. A name that
-- these townships have too is theirs, unless it holds the name of another township.
CREATE FUNCTION gridsight.foreign_names(mine text[], OUT foreign_words text[], OUT foreign_pattern text,
    OUT any_pattern text) STABLE SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
DECLARE
  day date := gridsight.today();
  counties text[] := (SELECT array_agg(DISTINCT left(one, 6)) FROM unnest(mine) one);
  own text[];
BEGIN
  WITH named AS (
    SELECT gridsight.plain_words(n.name) AS name, n.level,
      CASE WHEN n.level = 'county' THEN left(n.code, 6) = ANY (counties) ELSE left(n.code, 9) = ANY (mine) END AS is_own
    FROM (
      SELECT d.name, d.code, d.level FROM gridsight.divisions d
      WHERE d.level IN ('county', 'township', 'village') AND coalesce(d.valid_to, 'infinity') > day
      UNION ALL
      SELECT v.name, v.code, 'settlement' FROM gridsight.villages v WHERE coalesce(v.valid_to, 'infinity') > day) n
    WHERE n.level = 'county' OR left(n.code, 6) = ANY (counties)
  ), known AS (SELECT * FROM named n WHERE char_length(n.name) > 1),
  theirs AS (
    SELECT k.name FROM known k WHERE k.is_own AND NOT (k.level = 'settlement' AND EXISTS (
      SELECT FROM known o WHERE o.level IN ('county', 'township') AND NOT o.is_own AND strpos(k.name, o.name) > 0)))
  SELECT (SELECT array_agg(t.name) FROM theirs t),
    (SELECT array_agg(DISTINCT k.name) FROM known k
     WHERE NOT k.is_own AND NOT EXISTS (SELECT FROM theirs t WHERE t.name = k.name))
    INTO own, foreign_words;
  foreign_words := coalesce(foreign_words, '{}');
  -- Of names that begin at one character the longest is read, of others the first. Without any, nothing matches.
  foreign_pattern := '(' || coalesce(nullif(array_to_string(foreign_words, '|'), ''), '$.') || ')';
  any_pattern := '(' || coalesce(nullif(array_to_string(foreign_words || own, '|'), ''), '$.') || ')';
END
$$
;;
REVOKE EXECUTE ON FUNCTION gridsight.plain_words(text), gridsight.reach(public.geometry, text[]),
  gridsight.why_not(public.geometry, text[]), gridsight.along(public.geometry, public.geometry, float8),
  gridsight.refuse(text, text, text, text), gridsight.within(), gridsight.foreign_names(text[]) FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION gridsight.why_not(public.geometry, text[]), gridsight.refuse(text, text, text, text)
  TO gridsight_planner
