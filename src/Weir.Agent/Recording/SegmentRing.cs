using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Recording;

/// <summary>The spool's files: one that is written, those before it, and those that are free. Not thread-safe: its owner locks, except where it says otherwise.</summary>
internal sealed class SegmentRing : IDisposable
{
    private const int UsablePerSegment = SegmentFile.Size - SegmentFile.HeaderSize - SpoolRecord.HeaderSize;

    private readonly string _directory;
    private readonly Queue<(long Number, int Slot)> _live = new();
    private readonly Dictionary<long, int> _slots = [];
    private readonly Stack<int> _free;
    private readonly List<MappedSegment> _retired = [];
    private MappedSegment? _prepared;
    private int? _preparing;

    public SegmentRing(string directory, SpoolRecovery recovered, MappedSegment active)
    {
        _directory = directory;
        _free = new Stack<int>(recovered.FreeSlots.OrderDescending());
        foreach (var (number, slot) in recovered.Live)
        {
            _live.Enqueue((number, slot));
            _slots.Add(number, slot);
        }

        Active = active;
    }

    /// <summary>The segment that is written.</summary>
    public MappedSegment Active { get; private set; }

    /// <summary>Where the next record goes.</summary>
    public long End => SpoolPosition.Of(Active.Number, Active.End);

    /// <summary>Number of the oldest segment in use.</summary>
    public long Oldest => _live.Peek().Number;

    /// <summary>Segments that can still be begun.</summary>
    public int FreeSegments => _free.Count + (_prepared is null && _preparing is null ? 0 : 1);

    /// <summary>Bytes left behind a record of that size; negative when it does not fit.</summary>
    public long RoomBehind(int size)
    {
        var left = SegmentFile.Size - SpoolRecord.HeaderSize - Active.End;
        if (size <= left)
            return left - size + ((long)FreeSegments * UsablePerSegment);
        return FreeSegments == 0 ? -1 : UsablePerSegment - size + ((FreeSegments - 1L) * UsablePerSegment);
    }

    /// <summary>Segments that are full and may not be on the disk yet.</summary>
    public MappedSegment[] Retired() => [.. _retired];

    /// <summary>They are on the disk; whoever asked for them disposes of them.</summary>
    public void Forget(MappedSegment[] retired) => _retired.RemoveAll(s => Array.IndexOf(retired, s) >= 0);

    /// <summary>The file that holds a segment now.</summary>
    public SafeFileHandle Open(long number) => SegmentFile.Open(_directory, _slots[number]);

    /// <summary>Gives the oldest segment back for new events.</summary>
    public void FreeOldest()
    {
        var (number, slot) = _live.Dequeue();
        _slots.Remove(number);
        _free.Push(slot);
    }

    /// <summary>Writes a record, for which there must be room.</summary>
    /// <returns>Its position.</returns>
    public long Write(uint kind, ReadOnlySpan<byte> payload, uint sum)
    {
        var size = SpoolRecord.HeaderSize + payload.Length;
        if (size > SegmentFile.Size - SpoolRecord.HeaderSize - Active.End)
            Roll();
        var position = SpoolPosition.Of(Active.Number, Active.End);
        SpoolRecord.Write(Active.Bytes[Active.End..], kind, payload, sum, Active.Number);
        Active.End += size;
        return position;
    }

    /// <summary>Maps the next file before it is needed, so that an append seldom has to.</summary>
    /// <param name="gate">The owner's lock, which must not be held: mapping takes its time.</param>
    public void PrepareNext(Lock gate)
    {
        int slot;
        lock (gate)
        {
            if (_prepared is not null || _free.Count == 0 || Active.End < SegmentFile.Size / 2)
                return;
            slot = _free.Pop();
            _preparing = slot;
        }

        var prepared = new MappedSegment(_directory, slot);
        lock (gate)
        {
            if (_preparing == slot)
            {
                _prepared = prepared;
                _preparing = null;
                return;
            }
        }

        // An append was faster and mapped it itself.
        prepared.Dispose();
    }

    public void Dispose()
    {
        foreach (var segment in _retired)
            segment.Dispose();
        _retired.Clear();
        _prepared?.Dispose();
        _prepared = null;
        Active.Dispose();
    }

    private void Roll()
    {
        var next = _prepared ?? new MappedSegment(_directory, _preparing ?? _free.Pop());
        _prepared = null;
        _preparing = null;
        SpoolRecord.Write(Active.Bytes[Active.End..], SpoolRecord.Seal, [], SpoolRecord.Sum(SpoolRecord.Seal, []), Active.Number);
        Active.End += SpoolRecord.HeaderSize;
        next.Number = Active.Number + 1;
        next.End = SegmentFile.HeaderSize;
        SegmentFile.WriteHeader(next.Bytes, next.Number, _live.Peek().Number);
        _live.Enqueue((next.Number, next.Slot));
        _slots.Add(next.Number, next.Slot);
        _retired.Add(Active);
        Active = next;
    }
}
