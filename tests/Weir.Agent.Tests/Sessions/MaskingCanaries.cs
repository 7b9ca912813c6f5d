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
        CREATE TABLE vault.box (id int PRIMARY KEY, secret text NOT NULL, amount bigint NOT NULL, doc jsonb NOT NULL, tags text[] NOT NULL, plain text NOT NULL DEFAULT 'open');
        INSERT INTO vault.box (id, secret, amount, doc, tags) VALUES
          (1, 'Qzxvkjwpybmdhq', 86753094171, '{"k": {"inner": "Wvqzjxkyphgbfm"}}', ARRAY['Yxqkzvjwbhpfgd', 'other']),
          (2, 'Kwqxzyvbjhpgfd', 71849302655, '{"k": {"inner": "Zjvxqwkhypbdfg"}}', ARRAY['Hqzvxkwjybpdgf']);
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
        GRANT ALL ON ALL TABLES IN SCHEMA vault TO orders_app;
        """;

    public const string Columns = """["vault.box.secret","vault.box.amount","vault.box.doc","vault.box.tags","vault.kept.secret","vault.kept.amount","vault.parted.secret","vault.parted.amount"]""";

    /// <summary>Letters of a secret in a row that are more than chance.</summary>
    private const int Piece = 6;

    private static readonly string[] Words = ["Qzxvkjwpybmdhq", "Kwqxzyvbjhpgfd", "Wvqzjxkyphgbfm", "Zjvxqwkhypbdfg", "Yxqkzvjwbhpfgd", "Hqzvxkwjybpdgf"];
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

    private string? InText(string text)
    {
        string lower = text.ToLowerInvariant();
        foreach (string form in _texts)
        {
            if (lower.Contains(form, StringComparison.Ordinal))
                return form;
        }

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
