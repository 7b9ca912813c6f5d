using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>Quoting of COPY's CSV format (PostgreSQL manual, "COPY", File Formats).</summary>
internal static class CopyCsvEscaping
{
    internal static void Decode(ReadOnlySpan<byte> raw, CopyFormatOptions options, MessageWriter destination)
    {
        var isQuoted = false;
        for (var i = 0; i < raw.Length; i++)
        {
            var current = raw[i];
            if (!isQuoted)
            {
                if (current == options.Quote)
                    isQuoted = true;
                else
                    destination.WriteByte(current);
            }
            else if (current == options.Escape && i + 1 < raw.Length && (raw[i + 1] == options.Quote || raw[i + 1] == options.Escape))
            {
                destination.WriteByte(raw[++i]);
            }
            else if (current == options.Quote)
            {
                isQuoted = false;
            }
            else
            {
                destination.WriteByte(current);
            }
        }
    }

    internal static void Encode(scoped ReadOnlySpan<byte> value, int column, CopyFormatOptions options, MessageWriter destination)
    {
        // The lone end-of-data marker is quoted, or a client would stop reading there; the null text, or it would become NULL.
        var mustQuote = options.MustQuote(column)
            || value.SequenceEqual(options.NullText.Span)
            || value.SequenceEqual("\\."u8)
            || value.ContainsAny(options.Delimiter, options.Quote)
            || value.ContainsAny((byte)'\n', (byte)'\r');
        if (!mustQuote)
        {
            destination.WriteBytes(value);
            return;
        }

        destination.WriteByte(options.Quote);
        foreach (var current in value)
        {
            if (current == options.Quote || current == options.Escape)
                destination.WriteByte(options.Escape);
            destination.WriteByte(current);
        }

        destination.WriteByte(options.Quote);
    }
}
