namespace Weir.Agent.Recording;

/// <summary>
/// Reads what an earlier process left in the spool's directory: which segments are live, where the last whole record ends, and which
/// sessions have no end. Records are whole up to the first torn one; what lies behind it was never flushed, so never read, and is erased.
/// </summary>
internal sealed class SpoolRecovery
{
    // Room that the "lost" finish of an open statement takes.
    private const int LostFinishBytes = 512;

    // The last event of each session in the segment that is being read: only that one's hash is needed.
    private readonly Dictionary<Guid, (long Sequence, int Offset, int Length)> _last = [];
    private readonly HashSet<int> _claimed = [];

    private SpoolRecovery()
    {
    }

    /// <summary>Live segments in order.</summary>
    public List<(long Number, int Slot)> Live { get; } = [];

    public List<int> FreeSlots { get; } = [];

    /// <summary>Where the next record goes in the last live segment.</summary>
    public int End { get; private set; } = SegmentFile.HeaderSize;

    /// <summary>Number of the last segment that ever was.</summary>
    public long LastNumber { get; private set; }

    public long Acknowledged { get; set; }

    public Dictionary<Guid, SessionChain> OpenSessions { get; } = [];

    /// <param name="segments">How many files the spool should have.</param>
    /// <exception cref="SpoolUnavailableException">A file that must be there is missing.</exception>
    public static SpoolRecovery Run(string directory, int segments)
    {
        var recovery = new SpoolRecovery();
        recovery.FindSegments(directory);
        recovery.ReadRecords(directory);
        recovery.ClaimFiles(directory, segments);
        return recovery;
    }

    private void FindSegments(string directory)
    {
        var found = new SortedDictionary<long, (int Slot, int Acknowledged)>();
        var oldest = 0L;
        var header = new byte[SegmentFile.HeaderSize];
        foreach (var slot in SegmentFile.ExistingSlots(directory))
        {
            using var file = SegmentFile.Open(directory, slot);
            if (RandomAccess.GetLength(file) >= SegmentFile.Size)
                _claimed.Add(slot);
            if (RandomAccess.Read(file, header, 0) == header.Length
                && SegmentFile.TryReadHeader(header, out var number, out var oldestThen, out var acknowledged))
            {
                found[number] = (slot, acknowledged);
                if (number > LastNumber)
                {
                    LastNumber = number;
                    oldest = oldestThen;
                }
            }
            else
            {
                FreeSlots.Add(slot);
            }
        }

        foreach (var (number, (slot, acknowledged)) in found)
        {
            if (number < oldest)
            {
                FreeSlots.Add(slot);
                continue;
            }

            if (number != oldest + Live.Count)
                throw new SpoolUnavailableException($"Segment {oldest + Live.Count} is missing in {directory}. Events may be lost: restore it, or move the directory away to start with an empty spool.");
            Live.Add((number, slot));

            // Everything before the last segment that has an acknowledged part is acknowledged too.
            if (Acknowledged == 0 || acknowledged > SegmentFile.HeaderSize)
                Acknowledged = SpoolPosition.Of(number, acknowledged);
        }
    }

    private void ReadRecords(string directory)
    {
        // A few mebibytes that nobody needs again must not stay with the collector.
        using var buffer = new NativeBuffer(SegmentFile.Size);
        for (var i = 0; i < Live.Count; i++)
        {
            var bytes = buffer.Bytes;
            var (number, slot) = Live[i];
            using (var file = SegmentFile.Open(directory, slot))
            {
                for (int read, total = 0; total < bytes.Length; total += read)
                {
                    read = RandomAccess.Read(file, bytes[total..], total);
                    if (read == 0)
                        throw new SpoolUnavailableException($"Segment {number} in {directory} is too short.");
                }
            }

            if (ReadSegment(bytes, number))
                continue;

            // Torn here: later segments hold only what was never flushed.
            for (var later = Live.Count - 1; later > i; later--)
            {
                using var file = SegmentFile.Open(directory, Live[later].Slot);
                RandomAccess.Write(file, new byte[SegmentFile.HeaderSize], 0);
                RandomAccess.FlushToDisk(file);
                FreeSlots.Add(Live[later].Slot);
                Live.RemoveAt(later);
            }
        }
    }

    // True when the segment is sealed.
    private bool ReadSegment(ReadOnlySpan<byte> segment, long number)
    {
        var isSealed = ReadSegmentRecords(segment, number);
        Span<byte> hash = stackalloc byte[32];
        foreach (var (session, (sequence, offset, length)) in _last)
        {
            EventDigest.Compute(segment.Slice(offset, length), hash);
            OpenSessions[session].Recover(sequence, hash);
        }

        _last.Clear();
        return isSealed;
    }

    private bool ReadSegmentRecords(ReadOnlySpan<byte> segment, long number)
    {
        End = SegmentFile.HeaderSize;
        while (SpoolRecord.TryRead(segment[End..], number, out var kind, out var payload))
        {
            if (kind == SpoolRecord.Seal)
                return true;
            if (kind == SpoolRecord.Checkpoint)
            {
                var chain = SessionCheckpoint.Read(payload);
                chain.LastPosition = SpoolPosition.Of(number, End);
                OpenSessions[chain.SessionId] = chain;
                _last.Remove(chain.SessionId);
            }
            else
            {
                ReadEvent(payload, number, End);
            }

            End += SpoolRecord.HeaderSize + payload.Length;
        }

        return false;
    }

    private void ReadEvent(ReadOnlySpan<byte> payload, long segment, int offset)
    {
        var (sessionId, sequence) = EventHeader.Read(payload);
        var body = EventHeader.ReadBody(payload, out var field);
        if (field == EventFields.Ended)
        {
            OpenSessions.Remove(sessionId);
            _last.Remove(sessionId);
            return;
        }

        if (!OpenSessions.TryGetValue(sessionId, out var chain))
            OpenSessions.Add(sessionId, chain = new SessionChain(sessionId));
        chain.LastPosition = SpoolPosition.Of(segment, offset);
        _last[sessionId] = (sequence, offset + SpoolRecord.HeaderSize, payload.Length);
        var statement = EventHeader.ReadStatement(body);
        if (field == EventFields.Statement)
        {
            chain.Statements++;
            chain.Open.Add(new SessionChain.OpenStatement { Number = statement, ReservedBytes = LostFinishBytes });
        }
        else if (field == EventFields.Finished)
        {
            for (var i = chain.Open.Count - 1; i >= 0; i--)
            {
                if (chain.Open[i].Number == statement)
                    chain.Open.RemoveAt(i);
            }
        }
    }

    private void ClaimFiles(string directory, int segments)
    {
        // Files beyond the wanted number go as soon as they hold nothing.
        var surplus = Live.Count + FreeSlots.Count - Math.Max(segments, Live.Count + 1);
        foreach (var slot in FreeSlots.OrderDescending().Take(Math.Max(surplus, 0)).ToArray())
        {
            File.Delete(SegmentFile.PathOf(directory, slot));
            FreeSlots.Remove(slot);
        }

        var used = Live.Select(l => l.Slot).Concat(FreeSlots).ToHashSet();
        foreach (var slot in FreeSlots)
        {
            if (!_claimed.Contains(slot))
                SegmentFile.Allocate(directory, slot);
        }

        for (var slot = 0; used.Count < Math.Max(segments, Live.Count + 1); slot++)
        {
            if (!used.Add(slot))
                continue;
            SegmentFile.Allocate(directory, slot);
            FreeSlots.Add(slot);
        }
    }

    private sealed unsafe class NativeBuffer(int length) : IDisposable
    {
        private byte* _start = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)length);

        public Span<byte> Bytes => new(_start, length);

        public void Dispose()
        {
            System.Runtime.InteropServices.NativeMemory.Free(_start);
            _start = null;
        }
    }
}
