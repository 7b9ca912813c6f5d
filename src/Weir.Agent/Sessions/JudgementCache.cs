using System.Collections.Concurrent;

namespace Weir.Agent.Sessions;

/// <summary>
/// Judgements by exact text, for one set of surroundings (policy, catalog, search path, role). Shared by all sessions that have the same; thread-safe; bounded.
/// </summary>
internal sealed class JudgementCache
{
    private const int MaxEntries = 4096;
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>A longer text hardly comes twice.</summary>
    private const int MaxText = 64 * 1024;

    private readonly ConcurrentDictionary<byte[], Judgement> _entries = new(ByteSequenceComparer.Instance);
    private readonly ConcurrentDictionary<byte[], Judgement>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private long _bytes;

    public JudgementCache() => _lookup = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();

    public Judgement? Find(ReadOnlySpan<byte> text) => _lookup.TryGetValue(text, out var found) ? found : null;

    public void Store(Judgement judgement)
    {
        if (judgement.IsPrivate || judgement.Text.Length > MaxText)
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
}
