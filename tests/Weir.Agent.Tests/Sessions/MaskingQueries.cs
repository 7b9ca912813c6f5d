using System.Globalization;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Makes queries that bring a masked value into the answer by one of many ways; the same seed makes the same queries.</summary>
internal sealed class MaskingQueries(Random random)
{
    private static readonly string[] TextWrappers =
    [
        "upper({0})", "lower({0})", "reverse({0})", "{0} || 'x'", "'x' || {0}", "substr({0}, 1, 9)", "left({0}, 10)", "right({0}, 8)", "replace({0}, 'q', 'q')", "translate({0}, 'e', 'f')",
        "encode(convert_to({0}, 'UTF8'), 'hex')", "encode(convert_to({0}, 'UTF8'), 'base64')", "to_json({0})::text", "concat({0}, '!')", "concat_ws('-', 'a', {0})", "coalesce({0}, '')",
        "CASE WHEN true THEN {0} END", "CASE WHEN {0} IS NULL THEN '' ELSE {0} END", "(ARRAY[{0}])[1]", "rpad({0}, 40)", "lpad({0}, 40)", "quote_literal({0})", "quote_ident({0})", "format('%s', {0})",
        "{0} COLLATE \"C\"", "{0}::varchar(90)", "CAST({0} AS name)", "nullif({0}, '')", "greatest({0}, '')", "least({0}, 'zzzz')", "jsonb_build_object('k', {0}) ->> 'k'", "to_jsonb({0}) #>> '{{}}'",
        "(SELECT {0})", "array_to_string(ARRAY[{0}, 'x'], '')", "regexp_replace({0}, '(.)', '\\1', 'g')", "initcap({0})", "btrim({0})", "overlay({0} placing '' from 1 for 0)", "repeat({0}, 2)",
        "json_build_array({0}) ->> 0", "(jsonb_each_text(jsonb_build_object('a', {0}))).value", "xmlelement(name v, {0})::text", "string_to_array({0}, NULL)::text", "split_part({0} || ',', ',', 1)",
        "ROW({0})::text", "to_tsvector('simple', {0})::text", "md5('') || {0}", "normalize({0})", "convert_from(convert_to({0}, 'UTF8'), 'UTF8')",
    ];

    private static readonly string[] NumberWrappers =
    [
        "{0} + 1", "{0} - 1", "{0} * 2", "-{0}", "+{0}", "{0}::text", "{0}::numeric", "{0} / 1", "abs({0})", "to_char({0}, 'FM999999999999')", "to_hex({0})", "({0})::text::bigint", "coalesce({0}, 0)",
        "CASE WHEN true THEN {0} END", "(ARRAY[{0}])[1]", "greatest({0}, 0)", "least({0}, 9e18::bigint)", "round({0}::numeric, 0)", "to_jsonb({0})", "int8range({0}, NULL)", "{0} # 0", "{0} | 0", "ROW({0})::text",
        "make_interval(secs => {0})", "numrange({0}, NULL)", "(SELECT {0})", "mod({0}, 100000000000)", "{0} << 0", "nullif({0}, 0)", "format('%s', {0})", "ARRAY[{0}]", "money(0) || {0}::text",
    ];

    private static readonly string[] TextAggregates =
    [
        "max({0})", "min({0})", "string_agg({0}, ',')", "array_agg({0})", "jsonb_agg({0})", "json_object_agg(id, {0})", "jsonb_object_agg({0}, 1)", "mode() WITHIN GROUP (ORDER BY {0})",
        "percentile_disc(0.5) WITHIN GROUP (ORDER BY {0})", "(array_agg({0} ORDER BY id))[1]", "max({0}) FILTER (WHERE id > 0)", "count(*) || max({0})",
    ];

    private static readonly string[] TextWindows =
    [
        "max({0}) OVER ()", "lag({0}, 0) OVER (ORDER BY id)", "first_value({0}) OVER (ORDER BY id)", "nth_value({0}, 1) OVER (ORDER BY id)", "string_agg({0}, '') OVER (ORDER BY id)", "array_agg({0}) OVER ()",
    ];

    private static readonly string[] Rows = ["{0}", "{0}::text", "to_jsonb({0})", "row_to_json({0})", "({0}).*", "ROW({0}.*)", "concat({0}.*)", "to_jsonb({0}) - 'id'", "jsonb_agg({0})", "array_agg({0})", "json_build_array({0})", "(SELECT {0})"];

    private static readonly string[] Wrongs = ["({0})::int", "({0})::date", "({0})::uuid", "({0})::inet", "({0})::jsonb", "({0})::int[]", "({0})::timestamptz", "({0})::regclass", "to_date({0}, 'YYYY')", "chr(length({0}) * -1)", "1 / (length({0}) - length({0}))"];

    private int _alias;

    /// <summary>One query, without the form in which it is sent.</summary>
    public string Next()
    {
        switch (random.Next(19))
        {
            case 12 or 18:
                return Pick(MaskingTypes.Queries);
            case 13:
                var set = Source(1);
                return $"SELECT {Text(set.Text, 2)} FROM {set.From} {Pick("UNION", "UNION ALL", "EXCEPT", "EXCEPT ALL", "INTERSECT")} SELECT {Text("secret", 2)} FROM vault.{Pick("box", "kept", "parted")}{Pick("", " WHERE id = 1", " ORDER BY 1")}";
            case 14:
                var walked = Source(1);
                string step = Pick("v", "left(v, 1)", "i, v", "ascii(v)", "string_agg(left(v, 1), '' ORDER BY i)");
                return $"WITH RECURSIVE r(i, v) AS (SELECT 1, {Text(walked.Text, 1)}::text FROM {walked.From} UNION ALL SELECT i + 1, substr(v, 2) FROM r WHERE i < {random.Next(2, 14)}) SELECT {step} FROM r";
            case 15:
                var grouping = Source(1);
                string key = grouping.Text;
                return $"SELECT {Text(key, 1)}, {Pick("count(*)", $"max({grouping.Number})", $"GROUPING({key})")} FROM {grouping.From} GROUP BY {Pick($"GROUPING SETS (({key}), ())", $"ROLLUP ({key})", $"CUBE ({key})", key)}";
            case 16:
                var joined = Source(1);
                string other = Pick("vault.open o ON true", "vault.open o ON o.id <= 2", "(VALUES (1, 'v'), (2, 'w')) o(id, note) ON true", "LATERAL (SELECT 1 AS id, 'x' AS note) o ON true");
                return $"SELECT o.*, {Text(joined.Text, 2)}, {Number(joined.Number, 1)} FROM {joined.From} {Pick("JOIN", "LEFT JOIN")} {other}";
            case 17:
                var spread = Source(1);
                return $"SELECT {Format(Pick(MaskingTypes.Spreads), spread.Text)} FROM {spread.From}, generate_series(1, 14) g{Pick("", " WHERE g = 1", " CROSS JOIN vault.open")}";
            case 0:
                var whole = Table();
                return $"SELECT {Format(Pick(Rows), "t")} FROM {whole.Name} t";
            case 1:
                var grouped = Source(2);
                return $"SELECT {Format(Pick(TextAggregates), grouped.Text)} FROM {grouped.From}";
            case 2:
                var windowed = Source(2);
                return $"SELECT {Format(Pick(TextWindows), windowed.Text)} FROM {windowed.From}";
            case 3:
                var wrong = Source(1);
                return $"SELECT {Format(Pick(Wrongs), Text(wrong.Text, 1))} FROM {wrong.From}";
            case 4:
                var left = Source(1);
                return $"SELECT 'a'::text AS v UNION ALL SELECT {Text(left.Text, 2)} FROM {left.From}";
            case 5:
                var named = Source(2);
                return $"WITH c AS (SELECT {Text(named.Text, 1)} AS v, {Number(named.Number, 1)} AS n FROM {named.From}) SELECT v, n FROM c";
            case 6:
                var split = Source(1);
                return $"SELECT substr({split.Text}, g, 1) FROM {split.From}, generate_series(1, 14) g";
            case 7:
                return Pick(
                    "SELECT doc FROM vault.box", "SELECT doc -> 'k' ->> 'inner' FROM vault.box", "SELECT doc #>> '{k,inner}' FROM vault.box", "SELECT v FROM vault.box, jsonb_each_text(doc -> 'k') e(k, v)",
                    "SELECT jsonb_path_query(doc, '$.k.inner') FROM vault.box", "SELECT jsonb_pretty(doc) FROM vault.box", "SELECT doc['k']['inner'] FROM vault.box", "SELECT unnest(tags) FROM vault.box",
                    "SELECT tags[1] FROM vault.box", "SELECT tags::text FROM vault.box", "SELECT array_to_json(tags) FROM vault.box", "SELECT t FROM vault.box, unnest(tags) WITH ORDINALITY u(t, o)",
                    "SELECT doc || '{}' FROM vault.box", "SELECT tags || 'x'::text FROM vault.box", "SELECT array_agg(tags) FROM vault.box", "SELECT jsonb_object_agg(id, doc) FROM vault.box");
            case 8:
                return Pick("SELECT vault.secret_of(1)", "SELECT upper(vault.secret_of(id)) FROM vault.box", "SELECT * FROM vault.secret_of(2)", "SELECT b FROM vault.all_boxes() b", "SELECT (vault.all_boxes()).secret", "SELECT (b).amount FROM vault.all_boxes() b");
            default:
                var source = Source(3);
                return $"SELECT {Text(source.Text, 3)}, {Number(source.Number, 2)} FROM {source.From}";
        }
    }

    /// <summary>A statement that changes rows and gives them back, in a transaction that will be rolled back.</summary>
    public string NextChange() => Pick(
        "UPDATE vault.box SET plain = plain WHERE id = 1 RETURNING *", $"UPDATE vault.box SET plain = 'x' WHERE id = 1 RETURNING {Text("secret", 2)}", $"DELETE FROM vault.box WHERE id = 1 RETURNING {Number("amount", 2)}",
        "DELETE FROM vault.box WHERE id = 1 RETURNING box", "INSERT INTO vault.box (id, secret, amount, doc, tags) VALUES (1, 'a', 1, '{}', '{}') ON CONFLICT (id) DO UPDATE SET plain = 'y' RETURNING box.*",
        "WITH d AS (DELETE FROM vault.box WHERE id = 2 RETURNING to_jsonb(box) AS j) SELECT j FROM d", "MERGE INTO vault.box b USING (VALUES (1)) s(i) ON b.id = s.i WHEN MATCHED THEN UPDATE SET plain = 'z' RETURNING b.secret");

    private string Text(string column, int depth)
    {
        for (int i = random.Next(depth + 1); i > 0; i--)
            column = Format(Pick(TextWrappers), "(" + column + ")::text");
        return column;
    }

    private string Number(string column, int depth)
    {
        if (depth > 0 && random.Next(2) == 0)
            return Format(Pick(NumberWrappers), "(" + column + ")");
        return column;
    }

    private (string From, string Text, string Number) Source(int depth)
    {
        if (depth == 0 || random.Next(3) == 0)
        {
            var (name, text, number) = Table();
            return (name, text, number);
        }

        string alias = "q" + (++_alias).ToString(CultureInfo.InvariantCulture);
        var inner = Source(depth - 1);
        switch (random.Next(6))
        {
            case 0:
                return ($"(SELECT id, {inner.Text} AS a, {inner.Number} AS b FROM {inner.From}) {alias}", alias + ".a", alias + ".b");
            case 1:
                return ($"(SELECT id, {Text(inner.Text, 1)}, {inner.Number} FROM {inner.From}) AS {alias}(id, x, y)", alias + ".x", alias + ".y");
            case 2:
                return ($"(SELECT id, {inner.Text} AS a, {inner.Number} AS b FROM {inner.From}) {alias} LEFT JOIN (VALUES (1, 'v')) w(i, j) ON w.i = {alias}.id", alias + ".a", alias + ".b");
            case 3:
                return ($"(SELECT 0 AS id) {alias}o, LATERAL (SELECT {inner.Text} AS a, {inner.Number} AS b FROM {inner.From}) {alias}", alias + ".a", alias + ".b");
            case 4:
                return ($"(SELECT id, {inner.Text} AS a, {inner.Number} AS b FROM {inner.From} UNION ALL SELECT 9, 'p', 0) {alias}", alias + ".a", alias + ".b");
            default:
                return ($"(SELECT r.id, r.a, r.b FROM (SELECT id, {inner.Text} AS a, {inner.Number} AS b FROM {inner.From} OFFSET 0) r ORDER BY r.id) {alias}", alias + ".a", alias + ".b");
        }
    }

    private (string Name, string Text, string Number) Table() => random.Next(8) switch
    {
        0 => ("vault.seen", "shown", "sum_of"),
        1 => ("vault.seen_twice", "again", "total"),
        2 => ("vault.kept", "secret", "amount"),
        3 => ("vault.parted", "secret", "amount"),
        4 => ("vault.parted_one", "secret", "amount"),
        5 => ("vault.all_boxes()", "secret", "amount"),
        _ => ("vault.box", "secret", "amount"),
    };

    private string Pick(params ReadOnlySpan<string> choices) => choices[random.Next(choices.Length)];

    private static string Format(string pattern, string value) => string.Format(CultureInfo.InvariantCulture, pattern, value);
}
