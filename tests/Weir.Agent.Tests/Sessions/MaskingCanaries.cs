using System.Globalization;
using System.Numerics;
using System.Text;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Values that must not come back, and the forms in which they would be recognized.</summary>
internal sealed class MaskingCanaries
{
    public const string Setup = """
        DROP SCHEMA IF EXISTS vault CASCADE;
        CREATE SCHEMA vault;
        CREATE TYPE vault.pair AS (word text, number bigint);
        CREATE TABLE vault.box (id int PRIMARY KEY, secret text NOT NULL, amount bigint NOT NULL, doc jsonb NOT NULL, tags text[] NOT NULL, plain text NOT NULL DEFAULT 'open',
          born date, token uuid, addr inet, raw bytea, page xml, span int8range, lex tsvector, duo vault.pair, spare text DEFAULT 'nothing');
        INSERT INTO vault.box (id, secret, amount, doc, tags, born, token, addr, raw, page, span, lex, duo) VALUES
          (1, 'Qzxvkjwpybmdhq', 86753094171, '{"k": {"inner": "Wvqzjxkyphgbfm"}}', ARRAY['Yxqkzvjwbhpfgd', 'other'], '8675-03-09', 'c0de5eed-4bad-4a11-8123-beefcafe0042', '203.0.113.177', 'Vqzkxjwhybpgdf',
            '<a b="1">Jxqzvkwyhpbgfd</a>', '[86753094171,86753094999)', 'Zkvxqjwyhbpgfd:1', ('Xkqzvjwyhbpgfm', 86753094171)),
          (2, 'Kwqxzyvbjhpgfd', 71849302655, '{"k": {"inner": "Zjvxqwkhypbdfg"}}', ARRAY['Hqzvxkwjybpdgf'], '8675-04-11', 'c0de5eed-4bad-4a11-8123-beefcafe0043', '203.0.113.178', 'Kjqzvxwhybpgdm',
            '<a b="2">Wkqzvxjyhpbgfd</a>', '[71849302655,71849302999)', 'Pkvxqjwyhbzgfd:1', ('Gkqzvjwyhbpxfm', 71849302655));
        CREATE SEQUENCE vault.counter;
        CREATE TABLE vault.open (id int PRIMARY KEY, note text, size int);
        INSERT INTO vault.open VALUES (1, 'note one', 10), (2, 'note two', 20), (3, NULL, 30);
        CREATE TABLE vault.kid (extra int) INHERITS (vault.box);
        CREATE TABLE vault.parted (id int, secret text, amount bigint, plain text) PARTITION BY LIST (id);
        CREATE TABLE vault.parted_one PARTITION OF vault.parted FOR VALUES IN (1);
        INSERT INTO vault.parted SELECT id, secret, amount, plain FROM vault.box WHERE id = 1;
        CREATE VIEW vault.seen AS SELECT id, secret AS shown, amount AS sum_of, plain FROM vault.box;
        CREATE VIEW vault.seen_twice AS SELECT id, shown || '' AS again, sum_of + 0 AS total, plain FROM vault.seen;
        CREATE MATERIALIZED VIEW vault.kept AS SELECT id, secret, amount, plain FROM vault.box;
        CREATE FUNCTION vault.all_boxes() RETURNS SETOF vault.box LANGUAGE sql STABLE AS 'SELECT * FROM vault.box';
        CREATE FUNCTION vault.secret_of(int) RETURNS text LANGUAGE plpgsql STABLE AS $$ DECLARE s text; BEGIN SELECT secret INTO s FROM vault.box WHERE id = $1; RETURN s; END $$;
        GRANT USAGE ON SCHEMA vault TO orders_app;
        GRANT CREATE ON SCHEMA vault TO orders_app;
        GRANT ALL ON ALL TABLES IN SCHEMA vault TO orders_app;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA vault TO orders_app;
        ALTER TABLE vault.box OWNER TO orders_app;
        ALTER TABLE vault.open OWNER TO orders_app;
        ALTER TABLE vault.parted OWNER TO orders_app;
        ALTER TYPE vault.pair OWNER TO orders_app;
        ALTER VIEW vault.seen OWNER TO orders_app;
        ANALYZE vault.box;
        """;

    public const string Columns = """["vault.box.secret","vault.box.amount","vault.box.doc","vault.box.tags","vault.box.born","vault.box.token","vault.box.addr","vault.box.raw","vault.box.page","vault.box.span","vault.box.lex","vault.box.duo","vault.kept.secret","vault.kept.amount","vault.parted.secret","vault.parted.amount"]""";

    /// <summary>Letters of a secret in a row that are more than chance.</summary>
    private const int Piece = 6;

    private static readonly string[] Words =
    [
        "Qzxvkjwpybmdhq", "Kwqxzyvbjhpgfd", "Wvqzjxkyphgbfm", "Zjvxqwkhypbdfg", "Yxqkzvjwbhpfgd", "Hqzvxkwjybpdgf", "Vqzkxjwhybpgdf", "Kjqzvxwhybpgdm", "Jxqzvkwyhpbgfd", "Wkqzvxjyhpbgfd", "Zkvxqjwyhbpgfd",
        "Pkvxqjwyhbzgfd", "Xkqzvjwyhbpgfm", "Gkqzvjwyhbpxfm",
    ];

    /// <summary>Parts of dates, UUIDs and addresses, in the forms in which they could come.</summary>
    private static readonly string[] Others = ["8675-03-09", "8675-04-11", "86750309", "c0de5eed", "5eed-4bad", "beefcafe", "203.0.113", "cb0071b1"];


    private static readonly long[] Numbers = [86753094171, 71849302655];

    private readonly HashSet<string> _pieces = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];

    public MaskingCanaries()
    {
        foreach (string word in Words)
        {
            string lower = word.ToLowerInvariant();
            foreach (string form in (ReadOnlySpan<string>)[lower, new string([.. lower.Reverse()])])
            {
                for (int i = 0; i + Piece <= form.Length; i++)
                    _pieces.Add(form.Substring(i, Piece));
            }

            _texts.Add(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word)));
            _texts.Add(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(lower)));
            for (int shift = 0; shift < 3; shift++)
                _texts.Add(Convert.ToBase64String([.. new byte[shift], .. Encoding.UTF8.GetBytes(word)]).TrimEnd('=')[4..^2].ToLowerInvariant());
        }

        _texts.AddRange(Others);
        foreach (long number in Numbers)
        {
            foreach (BigInteger changed in (ReadOnlySpan<BigInteger>)[number, number + 1, number - 1, 2 * (BigInteger)number, (BigInteger)number * number])
                _texts.Add(changed.ToString(CultureInfo.InvariantCulture));
            _texts.Add(number.ToString("x", CultureInfo.InvariantCulture));
            _texts.Add(new string([.. number.ToString(CultureInfo.InvariantCulture).Reverse()]));
        }
    }

    /// <summary>What of a canary is in the messages; null for nothing.</summary>
    public string? Find(IReadOnlyList<RawMessage> messages)
    {
        var rows = new List<string[]>();
        var raw = new StringBuilder();
        foreach (RawMessage message in messages)
        {
            raw.Append(Encoding.Latin1.GetString(message.Body)).Append('\n');
            if (message.Type == BackendMessageType.DataRow)
                rows.Add([.. Latin(message.Body)]);
            if (Binary(message) is { } number)
                return number;
        }

        // A value may come in parts: side by side in a row, or one below the other.
        var joined = new StringBuilder(raw.ToString());
        foreach (string[] row in rows)
            joined.AppendJoin("", row).Append('\n');
        int width = rows.Count == 0 ? 0 : rows.Max(r => r.Length);
        for (int column = 0; column < width; column++)
        {
            foreach (string[] row in rows.Where(r => column < r.Length))
                joined.Append(row[column]);
            joined.Append('\n');
        }

        return InText(joined.ToString());
    }

    /// <summary>The same of recorded bytes.</summary>
    public string? Find(ReadOnlySpan<byte> bytes)
    {
        // Hashes are in there too: six letters of them can be chance, ten are not.
        string lower = Encoding.Latin1.GetString(bytes).ToLowerInvariant();
        foreach (string word in Words)
        {
            for (int i = 0; i + 10 <= word.Length; i++)
            {
                if (lower.Contains(word.Substring(i, 10).ToLowerInvariant(), StringComparison.Ordinal))
                    return word;
            }
        }

        return _texts.Find(t => t.Length >= 8 && lower.Contains(t, StringComparison.Ordinal));
    }

    private string? InText(string text)
    {
        string lower = text.ToLowerInvariant();
        foreach (string form in _texts)
        {
            if (lower.Contains(form, StringComparison.Ordinal))
                return form;
        }

        if (Codes(lower) is { } coded)
            return coded;

        // Whatever was put between the letters.
        string letters = new([.. lower.Where(c => c is '\n' or (>= 'a' and <= 'z'))]);
        for (int i = 0; i + Piece <= letters.Length; i++)
        {
            string piece = letters.Substring(i, Piece);
            if (_pieces.Contains(piece))
                return piece;
        }

        return null;
    }

    // Letters as their codes, one after the other.
    private string? Codes(string text)
    {
        var spelled = new StringBuilder();
        int at = 0;
        while (at < text.Length)
        {
            int end = at;
            int code = 0;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                code = Math.Min(1000, (code * 10) + text[end++] - '0');
            if (end > at)
                spelled.Append(code is >= 65 and <= 122 ? char.ToLowerInvariant((char)code) : '.');
            at = end + 1;
        }

        for (int i = 0; i + Piece <= spelled.Length; i++)
        {
            string piece = spelled.ToString(i, Piece);
            if (_pieces.Contains(piece))
                return "codes of " + piece;
        }

        return null;
    }

    private static string? Binary(RawMessage message)
    {
        Span<byte> eight = stackalloc byte[8];
        foreach (long number in Numbers)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(eight, number);
            if (message.Body.AsSpan().IndexOf(eight) >= 0)
                return "int8 " + number.ToString(CultureInfo.InvariantCulture);
        }

        return null;
    }

    private static List<string> Latin(byte[] body)
    {
        var values = new List<string>();
        foreach (var field in DataRow.Read(body).Fields)
            values.Add(field.IsNull ? "" : Encoding.Latin1.GetString(field.Value));
        return values;
    }
}
