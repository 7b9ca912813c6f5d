using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Changes;

/// <summary>One transaction: what a handler changed, the numbers and audit events that go with it, and after the commit the signals.</summary>
internal sealed class UnitOfWork(WeirDbContext db, ChangeJournal journal, IClusterSignals signals)
{
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> handle, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is not null)
        {
            throw new InvalidOperationException("A use case can't call another.");
        }

        journal.Begin();
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var response = await handle(cancellationToken);
            await journal.CompleteAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            foreach (var signal in journal.TakeSignals())
            {
                signals.Publish(signal);
            }

            return response;
        }
        finally
        {
            // A second request of the same scope starts from the database, not from what a first one may have left half done.
            db.ChangeTracker.Clear();
        }
    }
}
