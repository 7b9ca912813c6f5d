using System.Buffers;
using System.Runtime.CompilerServices;
using Weir.Sql.Lexing;

namespace Weir.Agent.Sessions.Judging;

/// <summary>
/// Judgements by exact text, and where the values of constants don't matter by lexical shape, for one set of surroundings (policy, catalog, search path, role). Shared by all sessions that have the same; thread-safe; bounded.
/// </summary>
internal sealed class JudgementCache
{
    /// <summary>Room of a cache that one session has for itself.</summary>
    private const long PrivateBytes = 1024 * 1024;

    /// <summary>A longer text hardly comes twice.</summary>
    private const int MaxText = 64 * 1024;

    /// <summary>Longer texts are not looked up by their shape.</summary>
    private const int MaxShaped = 4 * 1024;

    private const int MaxLiterals = 128;

    private readonly JudgementShelf _texts;
    private readonly JudgementShelf _shapes;
    private bool _isUsed = true;
    private volatile bool _isRetired;

    public JudgementCache()
        : this(PrivateBytes, static _ => { })
    {
    }

    /// <param name="maxBytes">Estimated bytes that it may hold.</param>
    /// <param name="onBytes">Told of every change of what it holds.</param>
    public JudgementCache(long maxBytes, Action<long> onBytes)
    {
        _texts = new JudgementShelf(maxBytes / 2, onBytes);
        _shapes = new JudgementShelf(maxBytes / 2, onBytes);
    }

    /// <summary>Whether it was asked since the last call.</summary>
    public bool TakeUse()
    {
        var was = _isUsed;
        _isUsed = false;
        return was;
    }

    public void Clear()
    {
        _texts.Clear();
        _shapes.Clear();
    }

    /// <summary>Empties it for good.</summary>
    public void Retire()
    {
        _isRetired = true;
        Clear();
    }

    /// <param name="spare">A judgement that nothing refers to any more; may come back as the result.</param>
    public Judgement? Find(ReadOnlySpan<byte> text, Judgement? spare)
    {
        if (!_isUsed)
            _isUsed = true;
        if (_texts.TryFind(text, out var found))
            return found;
        return _shapes.IsEmpty || text.Length > MaxShaped ? null : FindShape(text, spare);
    }

    public void Store(Judgement judgement)
    {
        if (judgement.IsPrivate || _isRetired || judgement.Text.Length > MaxText)
            return;
        if (judgement.HoldsForShape && judgement.Text.Length <= MaxShaped && StoreShape(judgement))
            return;
        _texts.Put(judgement.Text, judgement);
    }

    [SkipLocalsInit]
    private Judgement? FindShape(ReadOnlySpan<byte> text, Judgement? spare)
    {
        var key = ArrayPool<byte>.Shared.Rent(StatementShape.MaxKeyLength(text.Length));
        try
        {
            var literals = new LiteralList(stackalloc SqlLiteral[MaxLiterals]);
            if (!StatementShape.TryWrite(text, key, out var length, out _, ref literals) || !_shapes.TryFind(key.AsSpan(0, length), out var found))
                return null;
            return spare is not null && spare.TryBecome(found!, text) ? spare : found!.ForText(text.ToArray());
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
        _shapes.Put(key[..length], judgement);
        return true;
    }
}
