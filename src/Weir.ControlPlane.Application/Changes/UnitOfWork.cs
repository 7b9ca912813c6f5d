using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Changes;

/// <summary>
/// One transaction: what a handler changed, the numbers and audit events that go with it, and after the commit the signals. A handler that collides with
/// another one runs again from the beginning, on what the other has left: it must keep nothing of its own from one run to the next.
/// </summary>
internal sealed class UnitOfWork(WeirDbContext db, ChangeJournal journal, IClusterSignals signals, ClusterChannel channel)
{
    private const int Attempts = 5;

    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> handle, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is not null)
        {
            throw new InvalidOperationException("A use case can't call another.");
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(handle, cancellationToken);
            }
            catch (Exception e) when (attempt < Attempts && IsCollision(e))
            {
                // A token is used while it is revoked, an agent reports while it is removed: the one who acts must not be told to try again.
            }
            finally
            {
                // Another run, or a second request of the same scope, starts from the database, not from what was left half done.
                db.ChangeTracker.Clear();
            }
        }
    }

    private async ValueTask<T> AttemptAsync<T>(Func<CancellationToken, ValueTask<T>> handle, CancellationToken cancellationToken)
    {
        journal.Begin();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var response = await handle(cancellationToken);
        await journal.CompleteAsync(cancellationToken);
        var said = journal.TakeSignals();
        await channel.NotifyAsync((NpgsqlTransaction)transaction.GetDbTransaction(), said, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (said.Count > 0)
        {
            signals.Publish(said);
        }

        return response;
    }

    /// <summary>Somebody else changed the same row, made one of the same name, or waited for us while we waited for them.</summary>
    private static bool IsCollision(Exception fault)
    {
        for (Exception? e = fault; e is not null; e = e.InnerException)
        {
            if (e is DbUpdateConcurrencyException
                or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure })
            {
                return true;
            }
        }

        return false;
    }
}
