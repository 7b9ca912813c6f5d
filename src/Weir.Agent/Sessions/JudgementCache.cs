using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Weir.Sql.Lexing;

namespace Weir.Agent.Sessions;

/// <summary>
/// Judgements by exact text, and where the values of constants don't matter by lexical shape, for one set of surroundings (policy, catalog, search path, role). Shared by all sessions that have the same; thread-safe; bounded.
/// </summary>
internal sealed class JudgementCache
{
    private const int MaxEntries = 4096;
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>A longer text hardly comes twice.</summary>
    private const int MaxText = 64 * 1024;

    /// <summary>Longer texts are not looked up by their shape.</summary>
    private const int MaxShaped = 4 * 1024;

    private const int MaxLiterals = 128;

    private readonly ConcurrentDictionary<byte[], Judgement> _entries = new(ByteSequenceComparer.Instance);
    private readonly ConcurrentDictionary<byte[], Judgement>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly ConcurrentDictionary<byte[], Judgement> _shapes = new(ByteSequenceComparer.Instance);
    private readonly ConcurrentDictionary<byte[], Judgement>.AlternateLookup<ReadOnlySpan<byte>> _shapeLookup;
    private long _bytes;
    private long _shapeBytes;

    public JudgementCache()
    {
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
        _shapeLookup = _shapes.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <param name="spare">A judgement that nothing refers to any more; may come back as the result.</param>
    public Judgement? Find(ReadOnlySpan<byte> text, Judgement? spare)
    {
        if (_lookup.TryGetValue(text, out var found))
            return found;
        return _shapes.IsEmpty || text.Length > MaxShaped ? null : FindShape(text, spare);
    }

    public void Store(Judgement judgement)
    {
        if (judgement.IsPrivate || judgement.Text.Length > MaxText)
            return;
        if (judgement.HoldsForShape && judgement.Text.Length <= MaxShaped && StoreShape(judgement))
            return;
        // Everything at once: simple, bounded, and what is in use comes back at the price of one parse each.
        if (_entries.Count >= MaxEntries || Interlocked.Read(ref _bytes) > MaxBytes)
        {
            _entries.Clear();
            Interlocked.Exchange(ref _bytes, 0);
        }

        if (_entries.TryAdd(judgement.Text, judgement))
            Interlocked.Add(ref _bytes, judgement.Text.Length);
        else
            _entries[judgement.Text] = judgement;
    }

    [SkipLocalsInit]
    private Judgement? FindShape(ReadOnlySpan<byte> text, Judgement? spare)
    {
        var key = ArrayPool<byte>.Shared.Rent(StatementShape.MaxKeyLength(text.Length));
        try
        {
            var literals = new LiteralList(stackalloc SqlLiteral[MaxLiterals]);
            if (!StatementShape.TryWrite(text, key, out var length, out _, ref literals) || !_shapeLookup.TryGetValue(key.AsSpan(0, length), out var found))
                return null;
            return spare is not null && spare.TryBecome(found, text) ? spare : found.ForText(text.ToArray());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(key);
        }
    }

    private bool StoreShape(Judgement judgement)
    {
        var key = new byte[StatementShape.MaxKeyLength(judgement.Text.Length)];
        var literals = new LiteralList(stackalloc SqlLiteral[MaxLiterals]);
        // Without a constant the exact text says the same, and is found faster.
        if (!StatementShape.TryWrite(judgement.Text, key, out var length, out _, ref literals) || literals.Count == 0)
            return false;
        if (_shapes.Count >= MaxEntries || Interlocked.Read(ref _shapeBytes) > MaxBytes)
        {
            _shapes.Clear();
            Interlocked.Exchange(ref _shapeBytes, 0);
        }

        if (_shapes.TryAdd(key[..length], judgement))
            Interlocked.Add(ref _shapeBytes, length + judgement.Text.Length);
        return true;
    }
}
