namespace Weir.Agent.Recording;

/// <summary>
/// Reads what an earlier process left in the spool's directory: which segments are live, where the last whole record ends, and which
/// sessions have no end. Records are whole up to the first torn one; what lies behind it was never flushed, so never read, and is erased.
/// </summary>
internal sealed class SpoolRecovery
{
    // Room that the "lost" finish of an open statement takes.
    private const int LostFinishBytes = 512;

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
        var bytes = new byte[SegmentFile.Size];
        for (var i = 0; i < Live.Count; i++)
        {
            var (number, slot) = Live[i];
            using (var file = SegmentFile.Open(directory, slot))
            {
                for (int read, total = 0; total < bytes.Length; total += read)
                {
                    read = RandomAccess.Read(file, bytes.AsSpan(total), total);
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
            }
            else
            {
                ReadEvent(payload, SpoolPosition.Of(number, End));
            }

            End += SpoolRecord.HeaderSize + payload.Length;
        }

        return false;
    }

    private void ReadEvent(ReadOnlySpan<byte> payload, long position)
    {
        var (sessionId, sequence) = EventHeader.Read(payload);
        var body = EventHeader.ReadBody(payload, out var field);
        if (field == EventFields.Ended)
        {
            OpenSessions.Remove(sessionId);
            return;
        }

        Span<byte> hash = stackalloc byte[32];
        EventDigest.Compute(payload, hash);
        OpenSessions.TryGetValue(sessionId, out var before);
        var chain = new SessionChain(sessionId, sequence, hash, before?.Statements ?? 0, before?.Denied ?? 0) { LastPosition = position };
        if (before is not null)
            chain.Open.AddRange(before.Open);
        var statement = EventHeader.ReadStatement(body);
        if (field == EventFields.Statement)
        {
            chain.Statements++;
            chain.Open.Add(new SessionChain.OpenStatement { Number = statement, ReservedBytes = LostFinishBytes });
        }
        else if (field == EventFields.Finished)
        {
            chain.Open.RemoveAll(o => o.Number == statement);
        }

        OpenSessions[sessionId] = chain;
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
            SegmentFile.Allocate(directory, slot);
        for (var slot = 0; used.Count < Math.Max(segments, Live.Count + 1); slot++)
        {
            if (!used.Add(slot))
                continue;
            SegmentFile.Allocate(directory, slot);
            FreeSlots.Add(slot);
        }
    }
}
