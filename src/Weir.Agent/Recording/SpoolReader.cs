using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Recording;

/// <summary>Reads flushed events in order, from the first that is not acknowledged. Not thread-safe; whoever reads is also the one who acknowledges.</summary>
internal sealed class SpoolReader(Spool spool) : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private long _position = spool.AcknowledgedPosition;
    private SafeFileHandle? _file;
    private long _fileNumber;

    /// <summary>Starts again from the first event that is not acknowledged.</summary>
    public void Rewind() => _position = spool.AcknowledgedPosition;

    /// <summary>Reads the next events.</summary>
    /// <param name="maxBytes">Size of the batch; a single larger event still comes alone.</param>
    /// <returns>Null when there is none yet.</returns>
    /// <exception cref="InvalidDataException">A flushed record is not what was written.</exception>
    public SpoolBatch? Read(int maxBytes)
    {
        var events = new List<ByteString>();
        var last = new Dictionary<Guid, long>();
        var bytes = 0;
        var limit = spool.DurablePosition;
        while (_position < limit && bytes < maxBytes)
        {
            var number = SpoolPosition.SegmentOf(_position);
            var offset = Math.Max(SpoolPosition.OffsetOf(_position), SegmentFile.HeaderSize);
            var end = number == SpoolPosition.SegmentOf(limit) ? SpoolPosition.OffsetOf(limit) : SegmentFile.Size;
            if (offset >= end)
                break;
            var chunk = ReadChunk(number, offset, end);
            var taken = 0;
            while (SpoolRecord.TryRead(chunk.AsSpan(taken), number, out var kind, out var payload))
            {
                if (kind == SpoolRecord.Seal)
                {
                    _position = SpoolPosition.StartOf(number + 1);
                    taken = -1;
                    break;
                }

                if (kind == SpoolRecord.Event)
                {
                    if (events.Count > 0 && bytes + payload.Length > maxBytes)
                        return new SpoolBatch(events, last, _position, bytes);
                    var (sessionId, sequence) = EventHeader.Read(payload);
                    last[sessionId] = sequence;
                    events.Add(UnsafeByteOperations.UnsafeWrap(chunk.AsMemory(taken + SpoolRecord.HeaderSize, payload.Length)));
                    bytes += payload.Length;
                }

                taken += SpoolRecord.HeaderSize + payload.Length;
                _position = SpoolPosition.Of(number, offset + taken);
            }

            if (taken == 0)
                throw new InvalidDataException($"The spool's record at {_position} is damaged.");
        }

        return events.Count == 0 ? null : new SpoolBatch(events, last, _position, bytes);
    }

    public void Dispose() => _file?.Dispose();

    // At least one whole record, when it is there.
    private byte[] ReadChunk(long number, int offset, int end)
    {
        if (_fileNumber != number)
        {
            _file?.Dispose();
            _file = spool.OpenSegment(number);
            _fileNumber = number;
        }

        Span<byte> head = stackalloc byte[4];
        RandomAccess.Read(_file!, head, offset);
        var first = SpoolRecord.HeaderSize + (long)BinaryPrimitives.ReadUInt32LittleEndian(head);
        var chunk = GC.AllocateUninitializedArray<byte>((int)Math.Min(end - offset, Math.Max(ChunkBytes, Math.Min(first, SegmentFile.Size))));
        for (int read, total = 0; total < chunk.Length; total += read)
        {
            read = RandomAccess.Read(_file!, chunk.AsSpan(total), offset + total);
            if (read == 0)
                throw new InvalidDataException($"The spool's segment {number} is too short.");
        }

        return chunk;
    }
}
