using System.Threading.Channels;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Link;

/// <summary>
/// Sends the spool's events in order and gives the spool free as the control plane confirms them. After a reconnect it starts again at the first event that is not confirmed:
/// the control plane may see an event twice, and knows it by session and sequence.
/// </summary>
internal sealed class EventPump : IDisposable
{
    /// <summary>Unconfirmed bytes under way: enough for a round trip, little to send again.</summary>
    private const int WindowBytes = 2 * 1024 * 1024;

    private const int BatchBytes = 256 * 1024;

    private readonly Spool _spool;
    private readonly SpoolReader _reader;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private readonly Queue<SpoolBatch> _underWay = new();
    private readonly Dictionary<Guid, long> _confirmed = [];
    private long _bytesUnderWay;

    public EventPump(Spool spool)
    {
        _spool = spool;
        _reader = new SpoolReader(spool);
        spool.BecameDurable += Wake;
    }

    /// <summary>Sends until cancelled. One connection at a time.</summary>
    /// <exception cref="InvalidDataException">The spool is damaged; it takes nothing any more.</exception>
    public async Task RunAsync(ChannelWriter<AgentMessage> output, int maxBatchBytes, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _underWay.Clear();
            _confirmed.Clear();
            _bytesUnderWay = 0;
            _reader.Rewind();
        }

        var batchBytes = maxBatchBytes > 0 ? Math.Min(maxBatchBytes, BatchBytes) : BatchBytes;
        while (true)
        {
            while (Volatile.Read(ref _bytesUnderWay) < WindowBytes && Read(batchBytes) is { } batch)
            {
                var message = new AgentMessage { Events = new EventBatch() };
                message.Events.Events.AddRange(batch.Events);
                await output.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            }

            await _wakes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="ContractViolationException">A position has no certain meaning.</exception>
    public void OnAck(EventsAck ack)
    {
        var acknowledged = 0L;
        lock (_lock)
        {
            foreach (var position in ack.Positions)
            {
                var session = ContractMapping.ToGuid(position.SessionId, "session_id");
                if (!_confirmed.TryGetValue(session, out var before) || before < position.Sequence)
                    _confirmed[session] = position.Sequence;
            }

            while (_underWay.TryPeek(out var first) && first.LastSequences.All(s => _confirmed.GetValueOrDefault(s.Key) >= s.Value))
            {
                _underWay.Dequeue();
                _bytesUnderWay -= first.Bytes;
                acknowledged = first.EndPosition;
            }

            // Sessions that nothing under way belongs to need not be remembered.
            if (_underWay.Count == 0)
                _confirmed.Clear();
        }

        if (acknowledged == 0)
            return;
        _spool.Acknowledge(acknowledged);
        Wake();
    }

    public void Dispose()
    {
        _spool.BecameDurable -= Wake;
        _reader.Dispose();
    }

    private SpoolBatch? Read(int batchBytes)
    {
        lock (_lock)
        {
            SpoolBatch? batch;
            try
            {
                batch = _reader.Read(batchBytes);
            }
            catch (InvalidDataException)
            {
                // Events that were recorded can't be delivered: whatever comes next would be recorded into the same broken spool.
                _spool.Fail();
                throw;
            }

            if (batch is null)
                return null;
            _underWay.Enqueue(batch);
            _bytesUnderWay += batch.Bytes;
            return batch;
        }
    }

    private void Wake() => _wakes.Writer.TryWrite(true);
}
