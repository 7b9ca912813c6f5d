using System.Text;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>
/// How the rows of one COPY are written (PostgreSQL manual, "COPY"). Bytes are in the COPY's encoding, of which only ASCII bytes matter
/// here: encodings in which an ASCII byte can be part of a longer character are refused elsewhere.
/// </summary>
public sealed record CopyFormatOptions
{
    private readonly byte _delimiter;
    private readonly byte _quote;
    private readonly byte _escape;

    private CopyFormatOptions(CopyFormat format, char delimiter, string nullText, char quote, char? escape, bool hasHeader, bool forceQuoteAll, IReadOnlyList<int> forceQuoteColumns)
    {
        Format = format;
        _delimiter = OneByte(delimiter, nameof(delimiter));
        _quote = OneByte(quote, nameof(quote));
        _escape = OneByte(escape ?? quote, nameof(escape));
        if (delimiter is '\n' or '\r' || quote is '\n' or '\r' || (format == CopyFormat.Csv && quote == delimiter))
            throw new ArgumentException("Not a possible delimiter or quote.", nameof(delimiter));
        if (nullText.AsSpan().ContainsAny('\n', '\r'))
            throw new ArgumentException("The null text cannot contain a line break.", nameof(nullText));
        // A delimiter that COPY's own escapes use, or a null text that holds a delimiter or quote, would make rows ambiguous.
        if (format == CopyFormat.Text && (char.IsAsciiLetterLower(delimiter) || char.IsAsciiDigit(delimiter) || delimiter is '\\' or '.'))
            throw new ArgumentException("Not a possible delimiter.", nameof(delimiter));
        if (format != CopyFormat.Binary && (nullText.Contains(delimiter, StringComparison.Ordinal) || (format == CopyFormat.Csv && nullText.Contains(quote, StringComparison.Ordinal))))
            throw new ArgumentException("The null text cannot contain the delimiter or quote.", nameof(nullText));
        NullText = Encoding.UTF8.GetBytes(nullText);
        HasHeader = hasHeader;
        ForceQuoteAll = forceQuoteAll;
        ForceQuoteColumns = forceQuoteColumns;
    }

    public CopyFormat Format { get; }

    public byte Delimiter => _delimiter;

    /// <summary>CSV only.</summary>
    public byte Quote => _quote;

    /// <summary>CSV only; the quote itself unless given.</summary>
    public byte Escape => _escape;

    public ReadOnlyMemory<byte> NullText { get; }

    /// <summary>The first row holds names, not values.</summary>
    public bool HasHeader { get; }

    /// <summary>CSV only: FORCE_QUOTE *.</summary>
    public bool ForceQuoteAll { get; }

    /// <summary>CSV only: columns (from 0) of FORCE_QUOTE.</summary>
    public IReadOnlyList<int> ForceQuoteColumns { get; }

    public static CopyFormatOptions Binary { get; } = new(CopyFormat.Binary, '\t', string.Empty, '"', null, false, false, []);

    /// <exception cref="ArgumentException">What COPY itself would refuse.</exception>
    public static CopyFormatOptions Text(char delimiter = '\t', string nullText = "\\N", bool hasHeader = false) =>
        new(CopyFormat.Text, delimiter, nullText, '"', null, hasHeader, false, []);

    /// <exception cref="ArgumentException">What COPY itself would refuse.</exception>
    public static CopyFormatOptions Csv(
        char delimiter = ',',
        string nullText = "",
        char quote = '"',
        char? escape = null,
        bool hasHeader = false,
        bool forceQuoteAll = false,
        IReadOnlyList<int>? forceQuoteColumns = null) =>
        new(CopyFormat.Csv, delimiter, nullText, quote, escape, hasHeader, forceQuoteAll, forceQuoteColumns ?? []);

    internal bool MustQuote(int column)
    {
        if (ForceQuoteAll)
            return true;
        for (var i = 0; i < ForceQuoteColumns.Count; i++)
        {
            if (ForceQuoteColumns[i] == column)
                return true;
        }

        return false;
    }

    private static byte OneByte(char value, string name)
    {
        if (value is '\0' or > '\x7f')
            throw new ArgumentException("COPY takes a single one-byte character here.", name);
        return (byte)value;
    }
}
