using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>Signals in order. A reader that may have missed some gets <see cref="SignalsLostException"/> and must look at the database anew.</summary>
public sealed class ClusterSubscription(ChannelReader<ClusterSignal> reader, Action dispose) : IDisposable
{
    private const int MaxBatch = 500;

    /// <exception cref="SignalsLostException">Some may have been missed.</exception>
    public IAsyncEnumerable<ClusterSignal> ReadAllAsync(CancellationToken cancellationToken) => reader.ReadAllAsync(cancellationToken);

    /// <summary>All that wait at once, so that what they ask for can be read at once.</summary>
    /// <exception cref="SignalsLostException">Some may have been missed.</exception>
    public async IAsyncEnumerable<IReadOnlyList<ClusterSignal>> ReadBatchesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await reader.WaitToReadAsync(cancellationToken))
        {
            var batch = new List<ClusterSignal>();
            while (batch.Count < MaxBatch && reader.TryRead(out var signal))
            {
                batch.Add(signal);
            }

            yield return batch;
        }
    }

    public void Dispose() => dispose();
}
