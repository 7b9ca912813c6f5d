using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>Signals in order. A reader that may have missed some gets <see cref="SignalsLostException"/> and must look at the database anew.</summary>
public sealed class ClusterSubscription(ChannelReader<IReadOnlyList<ClusterSignal>> reader, Action dispose) : IDisposable
{
    private const int MaxBatch = 500;

    /// <exception cref="SignalsLostException">Some may have been missed.</exception>
    public async IAsyncEnumerable<ClusterSignal> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var signals in reader.ReadAllAsync(cancellationToken))
        {
            foreach (var signal in signals)
            {
                yield return signal;
            }
        }
    }

    /// <summary>All that wait at once, so that what they ask for can be read at once; what one transaction said is never split.</summary>
    /// <exception cref="SignalsLostException">Some may have been missed.</exception>
    public async IAsyncEnumerable<IReadOnlyList<ClusterSignal>> ReadBatchesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await reader.WaitToReadAsync(cancellationToken))
        {
            var batch = new List<ClusterSignal>();
            while (batch.Count < MaxBatch && reader.TryRead(out var signals))
            {
                batch.AddRange(signals);
            }

            yield return batch;
        }
    }

    public void Dispose() => dispose();
}
