-- A Chinese numeral in digits: 十二 is 12, 二〇三 is 203.
CREATE FUNCTION gridsight.numeral_value(numeral text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
  total numeric := 0;
  digit numeric := 0;
  one text;
BEGIN
  IF numeral !~ '[十百千]' THEN
    RETURN translate(numeral, '零一二三四五六七八九〇○两', '0123456789002')::numeric;
  END IF;
  FOREACH one IN ARRAY regexp_split_to_array(numeral, '') LOOP
    IF one IN ('十', '百', '千') THEN
      total := total + greatest(digit, 1) * CASE one WHEN '十' THEN 10 WHEN '百' THEN 100 ELSE 1000 END;
      digit := 0;
    ELSE
      digit := translate(one, '零一二三四五六七八九〇○两', '0123456789002')::numeric;
    END IF;
  END LOOP;
  RETURN total + digit;
END
$$
;;
-- An address, or a name within one, as the program compares it (geo.places.address.normalise): NFKC in lower case,
-- 12# as 12号, numbers without leading zeros, numerals before counting words in digits, marks between numbers only.
CREATE FUNCTION gridsight.address_form(words text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
  numerals text := '[零一二三四五六七八九〇○两十百千]+(?=组|社|队|号|栋|幢|座|排|单元|楼|层|室|弄|巷)';
  others text := '\u0001-\u0027\u0029-\u002c\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u0300-\u036f\u2000-\u206f\u20a0-\u20c0\u2190-\u2bff\u2e00-\u2e5d\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30fb\ufe00-\ufe6f\ufeff\uff00-\uff0f';
  marks text := '[' || others || '\u0028\u002d-\u002f]*';
  plain text := words;
  numeral text;
  kind text[];
BEGIN
  -- What is a number by its look only is kept apart from its neighbours: 12① is not 121.
  plain := regexp_replace(plain,
    '[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u215f\u2189\u2460-\u249b\u24ea\u24f5-\u24ff\u2776-\u2792]',
    ' \& ', 'g');
  plain := lower(normalize(plain, NFKC) COLLATE "C");
  plain := regexp_replace(plain, '(?<=[0-9])之(?=[0-9])', '-', 'g');
  plain := regexp_replace(plain, '(?<![0-9])0+(?=[0-9])', '', 'g');
  plain := regexp_replace(plain, '(?<=[0-9])#', '号', 'g');
  LOOP
    numeral := substring(plain FROM numerals);
    EXIT WHEN numeral IS NULL;
    plain := regexp_replace(plain, numerals, gridsight.numeral_value(numeral));
  END LOOP;
  IF plain ~ ('[' || others || '\u0028\u002d-\u002f]') THEN
    -- Of the marks between two numbers the first kind in this order stands for all; where there is another, a comma.
    FOREACH kind SLICE 1 IN ARRAY ARRAY[['[-\u2010-\u2015\u2212~]', '-'], ['[(\[【〔]', '('], ['[/\u2044]', '/'],
      ['[.]', '.']]
    LOOP
      plain := regexp_replace(plain, marks || kind[1] || marks, kind[2], 'g');
    END LOOP;
    plain := regexp_replace(plain, '[' || others || ']+', ',', 'g');
    plain := regexp_replace(plain, '(?<![0-9])[(/.,-]|[(/.,-](?![0-9])', '', 'g');
  END IF;
  RETURN plain;
END
$$
;;
REVOKE EXECUTE ON FUNCTION gridsight.numeral_value(text), gridsight.address_form(text) FROM PUBLIC
