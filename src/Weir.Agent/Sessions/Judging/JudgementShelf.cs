using System.Collections.Concurrent;

namespace Weir.Agent.Sessions.Judging;

/// <summary>Judgements by a key of bytes, in two generations: when the younger has taken up half of the room, the older goes, and what was in use has moved to the younger by then. Thread-safe.</summary>
internal sealed class JudgementShelf(long maxBytes, Action<long> onBytes)
{
    private readonly Lock _gate = new();
    private Generation _young = new();
    private Generation _old = new();

    public bool IsEmpty => _young.Entries.IsEmpty && _old.Entries.IsEmpty;

    public bool TryFind(ReadOnlySpan<byte> key, out Judgement? found)
    {
        if (_young.Lookup.TryGetValue(key, out found))
            return true;
        if (_old.Entries.IsEmpty || !_old.Lookup.TryGetValue(key, out found))
            return false;
        Put(key.ToArray(), found);
        return true;
    }

    public void Put(byte[] key, Judgement judgement)
    {
        var cost = key.Length + judgement.Cost;
        lock (_gate)
        {
            if (_young.Bytes + cost > maxBytes / 2)
            {
                onBytes(-_old.Bytes);
                _old = _young;
                _young = new Generation();
            }

            if (_young.Entries.TryGetValue(key, out var before))
                cost -= key.Length + before.Cost;
            _young.Entries[key] = judgement;
            _young.Bytes += cost;
        }

        onBytes(cost);
    }

    public void Clear()
    {
        long held;
        lock (_gate)
        {
            held = _young.Bytes + _old.Bytes;
            _young = new Generation();
            _old = new Generation();
        }

        onBytes(-held);
    }

    private sealed class Generation
    {
        public Generation() => Lookup = Entries.GetAlternateLookup<ReadOnlySpan<byte>>();

        public ConcurrentDictionary<byte[], Judgement> Entries { get; } = new(ByteSequenceComparer.Instance);

        public ConcurrentDictionary<byte[], Judgement>.AlternateLookup<ReadOnlySpan<byte>> Lookup { get; }

        public long Bytes { get; set; }
    }
}
