using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>
/// Reads chosen fields out of the stream of a COPY FROM STDIN, which clients cut wherever they like. Keeps nothing but the field at hand, and of that
/// no more than a limit. What is not laid out as the options say yields fields all the same, or none: the server refuses it.
/// <code>
/// for (var rest = frame.Body; scanner.MoveNext(ref rest);) { if (!scanner.IsNull) look(scanner.Column, scanner.Value); }
/// </code>
/// </summary>
public abstract class CopyInScanner
{
    private readonly bool[] _wanted;
    private readonly int _limit;
    private readonly MessageWriter _field = new(256);

    private protected CopyInScanner(ReadOnlySpan<bool> wanted, int limit)
    {
        _wanted = wanted.ToArray();
        _limit = limit;
    }

    /// <summary>Column of the field, from 0.</summary>
    public int Column { get; private protected set; }

    /// <summary>Line of the field in text and CSV, row in binary; from 1.</summary>
    public long Line { get; private protected set; } = 1;

    public bool IsNull { get; private protected set; }

    /// <summary>The field without quotes and escapes (text and CSV), or as it is sent (binary); no more than the first bytes of a long one. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Value => Decoded();

    private protected bool IsWanted => (uint)Column < (uint)_wanted.Length && _wanted[Column];

    private protected ReadOnlySpan<byte> Raw => _field.Written;

    /// <param name="options">How the data is laid out.</param>
    /// <param name="wanted">Which columns are read.</param>
    /// <param name="limit">Bytes that are kept of a field.</param>
    public static CopyInScanner Create(CopyFormatOptions options, ReadOnlySpan<bool> wanted, int limit)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Format == CopyFormat.Binary ? new CopyInTupleScanner(wanted, limit) : new CopyInTextScanner(options, wanted, limit);
    }

    /// <summary>Moves to the next wanted field that ends in the data. False: all of the data was taken.</summary>
    public abstract bool MoveNext(ref ReadOnlySpan<byte> data);

    /// <summary>The stream has ended: whether a wanted field ended with it.</summary>
    public abstract bool MoveToEnd();

    private protected abstract ReadOnlySpan<byte> Decoded();

    private protected void Keep(ReadOnlySpan<byte> piece)
    {
        if (IsWanted)
            _field.WriteBytes(piece[..Math.Min(piece.Length, _limit - _field.Length)]);
    }

    private protected void Forget() => _field.Clear();
}
