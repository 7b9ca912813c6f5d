using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Recording;

/// <summary>
/// The agent's own memory of events that the control plane has not confirmed: a ring of preallocated, memory-mapped files.
/// <code>
///  append (any thread, one short lock) → mapped segment → group flush (one thread) → reader (AgentLink) → acknowledgement → segment is free again
/// </code>
/// An appended record survives the death of the process at once, and that of the machine when it was flushed. Only flushed records are read,
/// so the control plane never knows an event that a crash could take from the spool. Nothing is ever dropped: what finds no room is refused.
/// </summary>
internal sealed class Spool : IDisposable
{
    /// <summary>Kept for the end of every session: its SessionEnded event, and a checkpoint.</summary>
    public const int SessionReserve = 3 * 1024;

    /// <summary>Kept for the finish of every open statement.</summary>
    public const int StatementReserve = 3 * 1024;

    /// <summary>Kept for the steps of a review beside it.</summary>
    public const int ReviewReserve = 12 * 1024;

    /// <summary>Largest payload of a record.</summary>
    public const int MaxPayload = 1024 * 1024;

    // A reserved record that does not fit into the rest of a segment wastes less than this.
    private const int WastePerSegment = 4 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, SessionChain> _chains;
    private readonly SegmentRing _ring;
    private readonly List<(long Position, Action<bool> Settled)> _waiting = [];
    private readonly byte[] _checkpoint = new byte[SessionCheckpoint.MaxSize];
    private long _reserved;
    private long _durable;
    private long _acknowledged;
    private bool _isDirty;
    private bool _isFailed;

    private Spool(string directory, SpoolRecovery recovered, MappedSegment active)
    {
        _chains = recovered.OpenSessions;
        _ring = new SegmentRing(directory, recovered, active);
        _acknowledged = recovered.Acknowledged;
        _durable = SpoolPosition.Of(active.Number, active.End);
        foreach (var chain in _chains.Values)
            _reserved += SessionReserve + chain.Open.Sum(o => (long)o.ReservedBytes);
        SegmentCount = recovered.Live.Count + recovered.FreeSlots.Count;
    }

    /// <summary>Raised, outside of any lock, when there is something to flush.</summary>
    public event Action? BecameDirty;

    /// <summary>Raised on the flushing thread when more records can be read.</summary>
    public event Action? BecameDurable;

    public int SegmentCount { get; private set; }

    public long CapacityBytes => (long)SegmentCount * SegmentFile.Size;

    /// <summary>The disk failed; nothing is taken any more until a restart.</summary>
    public bool IsFailed => Volatile.Read(ref _isFailed);

    /// <summary>Events taken since the start.</summary>
    public long AppendedEvents { get; private set; }

    /// <summary>Events that found no room since the start.</summary>
    public long RefusedEvents { get; private set; }

    /// <summary>Everything before this position is on the disk.</summary>
    public long DurablePosition => Volatile.Read(ref _durable);

    /// <summary>Everything before this position is confirmed by the control plane.</summary>
    public long AcknowledgedPosition => Volatile.Read(ref _acknowledged);

    /// <summary>Bytes that wait for the control plane.</summary>
    public long WaitingBytes
    {
        get
        {
            lock (_lock)
                return _ring.End - _acknowledged;
        }
    }

    /// <summary>Opens the spool of a directory, creates it if it is not there, and recovers what an earlier process left.</summary>
    /// <exception cref="SpoolUnavailableException">There is no room, no right, or a file is missing.</exception>
    public static Spool Open(string directory, long capacityBytes)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var segments = (int)Math.Clamp(capacityBytes / SegmentFile.Size, 2, 999_999);
            var recovered = SpoolRecovery.Run(directory, segments);
            MappedSegment active;
            if (recovered.Live.Count > 0)
            {
                var (number, slot) = recovered.Live[^1];
                active = new MappedSegment(directory, slot) { Number = number, End = recovered.End };

                // Records behind a torn one must never look valid again.
                active.Bytes[recovered.End..].Clear();
                active.Flush();
            }
            else
            {
                var slot = recovered.FreeSlots[0];
                recovered.FreeSlots.RemoveAt(0);
                active = new MappedSegment(directory, slot) { Number = recovered.LastNumber + 1 };
                SegmentFile.WriteHeader(active.Bytes, active.Number, active.Number);
                active.Flush();
                recovered.Live.Add((active.Number, slot));
                recovered.Acknowledged = SpoolPosition.StartOf(active.Number);
            }

            return new Spool(directory, recovered, active);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SpoolUnavailableException($"The spool in {directory} can't be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Sessions whose recording has no end; after opening, those of an earlier process.</summary>
    public IReadOnlyList<SessionChain> OpenSessions()
    {
        lock (_lock)
            return [.. _chains.Values];
    }

    /// <summary>Appends an event and moves the session's chain on, both or neither.</summary>
    /// <param name="payload">The serialized event, at most <see cref="MaxPayload"/> bytes.</param>
    /// <param name="hash">Its SHA-256.</param>
    /// <returns>False when there is no room (never for events whose room was reserved) or the disk failed.</returns>
    public bool TryAppend(SessionChain chain, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> hash, in ChainChange change)
    {
        if (payload.Length > MaxPayload)
            return false;
        var sum = SpoolRecord.Sum(SpoolRecord.Event, payload);
        bool becameDirty;
        lock (_lock)
        {
            if (_isFailed || !TryMakeRoom(chain, SpoolRecord.HeaderSize + payload.Length, change))
            {
                RefusedEvents++;
                return false;
            }

            AppendedEvents++;
            chain.LastPosition = _ring.Write(SpoolRecord.Event, payload, sum);
            chain.Advance(hash);
            becameDirty = !_isDirty;
            _isDirty = true;
        }

        if (becameDirty)
            BecameDirty?.Invoke();
        return true;
    }

    /// <summary>Whether everything before the position is on the disk.</summary>
    /// <param name="whenSettled">On false, called once by the flushing thread.</param>
    public bool IsSettled(long position, Action<bool> whenSettled)
    {
        lock (_lock)
        {
            if (position < _durable)
                return true;
            if (!_isFailed)
            {
                _waiting.Add((position, whenSettled));
                return false;
            }
        }

        whenSettled(false);
        return false;
    }

    /// <summary>Brings everything appended so far to the disk. Called by one thread only; blocks as long as the disk does.</summary>
    /// <returns>False when the disk failed; the spool takes nothing any more.</returns>
    public bool Flush()
    {
        long target;
        MappedSegment active;
        MappedSegment[] retired;
        lock (_lock)
        {
            _isDirty = false;
            active = _ring.Active;
            target = _ring.End;
            retired = _ring.Retired();
        }

        var isGood = !IsFailed;
        try
        {
            foreach (var segment in retired)
                segment.Flush();
            active.Flush();
        }
        catch (IOException)
        {
            // After a failed fsync nobody knows what is on the disk (the page cache may have dropped it), so trying again proves nothing.
            isGood = false;
        }

        List<Action<bool>> settled = [];
        lock (_lock)
        {
            if (isGood)
                Volatile.Write(ref _durable, target);
            else
                Volatile.Write(ref _isFailed, true);
            _ring.Forget(retired);
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (isGood && _waiting[i].Position >= target)
                    continue;
                settled.Add(_waiting[i].Settled);
                _waiting.RemoveAt(i);
            }
        }

        if (isGood)
        {
            foreach (var segment in retired)
                segment.Dispose();
            _ring.PrepareNext(_lock);
        }

        foreach (var action in settled)
            action(isGood);
        if (isGood)
            BecameDurable?.Invoke();
        return isGood;
    }

    /// <summary>The file that holds a segment now.</summary>
    public SafeFileHandle OpenSegment(long number)
    {
        lock (_lock)
            return _ring.Open(number);
    }

    /// <summary>Everything before the position is confirmed: its segments are free for new events. Called by one thread at a time.</summary>
    public void Acknowledge(long position)
    {
        SafeFileHandle file;
        var becameDirty = false;
        lock (_lock)
        {
            if (position <= _acknowledged || position > _durable)
                return;
            var current = SpoolPosition.SegmentOf(position);
            while (_ring.Oldest < current && TryCheckpoint(_ring.Oldest, ref becameDirty))
                _ring.FreeOldest();

            Volatile.Write(ref _acknowledged, position);
            file = _ring.Open(current);
        }

        if (becameDirty)
            BecameDirty?.Invoke();

        // Only saves sending again after a restart, so it need not be on the disk. The segment stays live: only this method gives segments back.
        using (file)
            SegmentFile.WriteAcknowledged(file, SpoolPosition.OffsetOf(position));
    }

    /// <summary>The reader found that records on the disk are not what was written.</summary>
    public void Fail() => Volatile.Write(ref _isFailed, true);

    public void Dispose()
    {
        Flush();
        lock (_lock)
        {
            _isFailed = true;
            _ring.Dispose();
        }
    }

    private bool TryMakeRoom(SessionChain chain, int size, in ChainChange change)
    {
        switch (change.Kind)
        {
            case ChainChangeKind.Plain:
                return HasRoomBesideReserved(size, 0);
            case ChainChangeKind.StartSession:
                if (!HasRoomBesideReserved(size, SessionReserve))
                    return false;
                _reserved += SessionReserve;
                _chains.Add(chain.SessionId, chain);
                return true;
            case ChainChangeKind.OpenStatement:
                if (!HasRoomBesideReserved(size, change.ReservedBytes))
                    return false;
                _reserved += change.ReservedBytes;
                chain.Open.Add(new SessionChain.OpenStatement { Number = change.Statement, ReservedBytes = change.ReservedBytes });
                return true;
            case ChainChangeKind.UseStatement:
                {
                    var index = IndexOf(chain, change.Statement);
                    if (index < 0 || chain.Open[index].ReservedBytes - size < StatementReserve)
                        return HasRoomBesideReserved(size, 0);
                    if (!HasRoom(size))
                        return false;
                    var open = chain.Open[index];
                    open.ReservedBytes -= size;
                    chain.Open[index] = open;
                    _reserved -= size;
                    return true;
                }

            case ChainChangeKind.CloseStatement:
                {
                    var index = IndexOf(chain, change.Statement);
                    if (index < 0)
                        return HasRoomBesideReserved(size, 0);
                    if (!HasRoom(size))
                        return false;
                    _reserved -= chain.Open[index].ReservedBytes;
                    chain.Open.RemoveAt(index);
                    return true;
                }

            case ChainChangeKind.EndSession:
                if (!HasRoom(size))
                    return false;
                if (_chains.Remove(chain.SessionId))
                    _reserved -= SessionReserve + chain.Open.Sum(o => (long)o.ReservedBytes);
                return true;
            default:
                return false;
        }
    }

    private static int IndexOf(SessionChain chain, long statement)
    {
        for (var i = 0; i < chain.Open.Count; i++)
        {
            if (chain.Open[i].Number == statement)
                return i;
        }

        return -1;
    }

    private bool HasRoom(int size) => _ring.RoomBehind(size) >= 0;

    private bool HasRoomBesideReserved(int size, long reserve) =>
        _ring.RoomBehind(size) - ((_ring.FreeSegments + 1L) * WastePerSegment) >= _reserved + reserve;

    // Before a segment is given back, sessions whose last event lies in it are noted again further on.
    private bool TryCheckpoint(long segment, ref bool becameDirty)
    {
        var end = SpoolPosition.StartOf(segment + 1);
        foreach (var chain in _chains.Values)
        {
            if (chain.LastPosition >= end)
                continue;
            var record = _checkpoint.AsSpan(0, SessionCheckpoint.Write(_checkpoint, chain));
            if (!HasRoom(SpoolRecord.HeaderSize + record.Length))
                return false;
            chain.LastPosition = _ring.Write(SpoolRecord.Checkpoint, record, SpoolRecord.Sum(SpoolRecord.Checkpoint, record));
            becameDirty |= !_isDirty;
            _isDirty = true;
        }

        return true;
    }
}
