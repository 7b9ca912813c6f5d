namespace Weir.Agent.Tests.Sessions;

/// <summary>Queries over masked columns of every type, and ways of the language that the generator does not compose.</summary>
internal static class MaskingTypes
{
    public static readonly string[] Queries =
    [
        "SELECT born FROM vault.box", "SELECT to_char(born, 'YYYY-MM-DD') FROM vault.box", "SELECT born + 1, born - 1 FROM vault.box", "SELECT extract(epoch FROM born) / 1, date_trunc('day', born) FROM vault.box",
        "SELECT date_part('year', born) || '-0' || date_part('month', born) || '-' || to_char(born, 'DD') FROM vault.box", "SELECT age(born, born), born::timestamp FROM vault.box", "SELECT daterange(born, NULL) FROM vault.box",
        "SELECT token FROM vault.box", "SELECT token::text, replace(token::text, '-', '') FROM vault.box", "SELECT uuid_send(token) FROM vault.box", "SELECT array_agg(token) FROM vault.box", "SELECT token AS t FROM vault.box ORDER BY id",
        "SELECT addr FROM vault.box", "SELECT host(addr), text(addr), abbrev(addr) FROM vault.box", "SELECT addr + 1, addr - 1, ~addr FROM vault.box", "SELECT network(set_masklen(addr, 24)), broadcast(addr), netmask(addr) FROM vault.box",
        "SELECT addr - '0.0.0.0'::inet FROM vault.box", "SELECT inet_send(addr) FROM vault.box", "SELECT raw FROM vault.box", "SELECT encode(raw, 'escape'), encode(raw, 'hex'), encode(raw, 'base64') FROM vault.box",
        "SELECT convert_from(raw, 'UTF8') FROM vault.box", "SELECT get_byte(raw, g) FROM vault.box, generate_series(0, 13) g WHERE id = 1", "SELECT substr(raw, 1, 9), raw || raw FROM vault.box", "SELECT page FROM vault.box",
        "SELECT xpath('/a/text()', page) FROM vault.box", "SELECT xmlserialize(CONTENT page AS text) FROM vault.box", "SELECT x.v FROM vault.box, XMLTABLE('/a' PASSING page COLUMNS v text PATH '.') x", "SELECT xmlagg(page) FROM vault.box",
        "SELECT xmlforest(secret, amount) FROM vault.box", "SELECT xmlconcat(page, page) FROM vault.box", "SELECT span FROM vault.box", "SELECT lower(span), upper(span) FROM vault.box", "SELECT span * span, span + span FROM vault.box",
        "SELECT range_agg(span) FROM vault.box", "SELECT range_merge(span, span)::text FROM vault.box", "SELECT int8multirange(span) FROM vault.box", "SELECT lex FROM vault.box", "SELECT tsvector_to_array(lex) FROM vault.box",
        "SELECT (unnest(lex)).lexeme FROM vault.box", "SELECT strip(lex)::text, lex || lex FROM vault.box", "SELECT ts_headline('simple', secret, to_tsquery('simple', 'x')) FROM vault.box", "SELECT * FROM ts_stat('SELECT lex FROM vault.box')",
        "SELECT * FROM ts_parse('default', (SELECT secret FROM vault.box WHERE id = 1))", "SELECT to_tsquery('simple', secret), plainto_tsquery('simple', secret), websearch_to_tsquery('simple', secret) FROM vault.box",
        "SELECT duo FROM vault.box", "SELECT (duo).word FROM vault.box", "SELECT (duo).* FROM vault.box", "SELECT row_to_json(duo) FROM vault.box", "SELECT (duo).number + 1 FROM vault.box", "SELECT p.word FROM vault.box, LATERAL (SELECT (duo).*) p",
        "SELECT j.inner FROM vault.box, JSON_TABLE(doc, '$.k' COLUMNS (inner text PATH '$.inner')) j", "SELECT JSON_VALUE(doc, '$.k.inner') FROM vault.box", "SELECT JSON_QUERY(doc, '$.k') FROM vault.box", "SELECT JSON_OBJECT('a': secret) FROM vault.box",
        "SELECT JSON_ARRAYAGG(secret) FROM vault.box", "SELECT JSON_OBJECTAGG(id: secret) FROM vault.box", "SELECT JSON_SERIALIZE(doc) FROM vault.box", "SELECT JSON_SCALAR(secret) FROM vault.box", "SELECT jsonb_set('{}', '{a}', to_jsonb(secret)) FROM vault.box",
        "SELECT r.* FROM vault.box, jsonb_to_record(doc) AS r(k jsonb)", "SELECT r.* FROM vault.box, jsonb_populate_record(NULL::vault.pair, jsonb_build_object('word', secret)) r", "SELECT * FROM vault.box, jsonb_object_keys(jsonb_build_object(secret, 1))",
        "SELECT jsonb_path_query_array(doc, 'strict $.**') FROM vault.box", "SELECT * FROM (VALUES ((SELECT secret FROM vault.box WHERE id = 1))) v(x)", "VALUES ((SELECT secret FROM vault.box WHERE id = 1), 2)",
        "SELECT secret FROM ONLY vault.box", "SELECT * FROM vault.box TABLESAMPLE SYSTEM (100)", "SELECT * FROM ROWS FROM (vault.all_boxes(), generate_series(1, 2)) r", "SELECT secret FROM vault.box FOR UPDATE", "SELECT DISTINCT ON (id) secret FROM vault.box",
        "SELECT secret FROM vault.box ORDER BY id FETCH FIRST 1 ROW WITH TIES", "SELECT b.secret FROM vault.box b NATURAL JOIN vault.kept", "SELECT * FROM vault.box JOIN vault.kept USING (id) AS j", "SELECT (SELECT b) FROM vault.box b", "SELECT ARRAY(SELECT secret FROM vault.box)",
        "SELECT EXISTS (SELECT 1), secret FROM vault.box", "SELECT secret || spare FROM vault.box", "SELECT pg_typeof(secret), secret FROM vault.box", "SELECT num_nulls(secret), secret::bytea FROM vault.box", "SELECT secret::bpchar::text, secret::\"char\" FROM vault.box",
        "SELECT bit_length(secret), amount::bit(64), amount::bit(64)::text FROM vault.box", "SELECT int8send(amount), textsend(secret) FROM vault.box", "SELECT pg_size_pretty(amount), to_timestamp(amount) FROM vault.box", "SELECT sum(amount), avg(amount), min(amount) FROM vault.box WHERE id = 1",
        "SELECT string_agg(chr(ascii(substr(secret, g, 1))), '') FROM vault.box, generate_series(1, 14) g WHERE id = 1", "SELECT ascii(substr(secret, g, 1)) FROM vault.box, generate_series(1, 14) g WHERE id = 1 ORDER BY g",
        "SELECT array_agg(ascii(c)) FROM vault.box, string_to_table(secret, NULL) c WHERE id = 1", "SELECT query_to_xml('SELECT secret FROM vault.box', true, false, '')", "SELECT table_to_xml('vault.box', true, false, '')", "SELECT schema_to_xml('vault', true, false, '')",
        "SELECT query_to_xml_and_xmlschema('TABLE vault.box', true, true, '')", "SELECT most_common_vals, histogram_bounds FROM pg_stats WHERE schemaname = 'vault'", "SELECT stavalues1 FROM pg_statistic", "SELECT to_json(s) FROM pg_stats s WHERE schemaname = 'vault'",
        "SELECT query FROM pg_stat_activity", "SELECT pg_get_viewdef('vault.seen'::regclass)", "SELECT tableoid::regclass, secret FROM vault.box", "SELECT lag(secret, 1, secret) OVER w, ntile(2) OVER w FROM vault.box WINDOW w AS (ORDER BY id)",
        "SELECT last_value(secret) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM vault.box", "SELECT any_value(secret) FROM vault.box WHERE id = 1", "SELECT array_position(ARRAY[secret], secret), array_fill(secret, ARRAY[2]) FROM vault.box",
        "SELECT trim_array(ARRAY[secret, 'x'], 1) FROM vault.box", "SELECT array_sample(ARRAY[secret], 1), array_reverse(tags) FROM vault.box", "SELECT overlay('xxxxxxxxxxxxxxxxx' placing secret from 2) FROM vault.box", "SELECT unistr(secret), parse_ident(secret) FROM vault.box",
        "SELECT regexp_split_to_table(secret, '') FROM vault.box WHERE id = 1", "SELECT regexp_matches(secret, '(.)(.)(.*)') FROM vault.box", "SELECT regexp_substr(secret, '.+'), substring(secret FROM '(.*)'), substring(secret SIMILAR '%' ESCAPE '#') FROM vault.box",
        "SELECT string_to_array(secret, 'q'), starts_with(secret, 'Q') FROM vault.box", "SELECT (vault.secret_of(1), 1)::vault.pair", "SELECT jsonb_agg(b ORDER BY id) -> 0 FROM vault.box b", "SELECT o.note, b.secret FROM vault.open o LEFT JOIN vault.box b ON b.id = o.id",
        "SELECT o.* FROM vault.open o ORDER BY id", "SELECT o.note, o.size + 1 FROM vault.open o WHERE o.size > 5 ORDER BY o.id", "SELECT size, count(*) FROM vault.open GROUP BY ROLLUP (size) ORDER BY 1", "SELECT max(note), string_agg(note, ',' ORDER BY id) FROM vault.open",
        "SELECT row_to_json(o) FROM vault.open o ORDER BY id", "SELECT note, lag(note) OVER (ORDER BY id) FROM vault.open ORDER BY id", "SELECT id, plain FROM vault.box ORDER BY id", "SELECT plain, count(*) FROM vault.box GROUP BY plain", "SELECT id, spare FROM vault.box ORDER BY id LIMIT 1",
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT r.i, o.note FROM r LEFT JOIN vault.open o ON o.id = r.i ORDER BY 1", "SELECT upper(note) || '!' FROM vault.open ORDER BY id", "SELECT count(*) FROM vault.box", "SELECT id FROM vault.box ORDER BY id DESC",
    ];

    /// <summary>Functions that make many rows or values of one text; <c>g</c> counts from 1 to 14.</summary>
    public static readonly string[] Spreads =
    [
        "substr({0}, g, 1)", "ascii(substr({0}, g, 1))", "get_byte(convert_to({0}, 'UTF8'), g % 5)", "string_to_table({0}, NULL)", "regexp_split_to_table({0}, '')", "unnest(string_to_array({0}, NULL))", "to_hex(ascii(substr({0}, g)))", "unnest(ARRAY[{0}])",
        "jsonb_array_elements(jsonb_build_array({0}))", "json_each_text(json_build_object('a', {0}))", "generate_subscripts(ARRAY[{0}], 1), {0}", "(regexp_matches({0}, '..', 'g'))[1]", "jsonb_object_keys(jsonb_build_object({0}, 1))",
        "CASE WHEN g > 0 THEN substr({0}, g, 2) END", "left({0}, g)", "right({0}, -g)", "repeat(substr({0}, g, 1), 2)", "chr(ascii(substr({0}, g, 1)) + 0)",
    ];
}
