using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>
/// Tells PostgreSQL at the start of each transaction whose rows it may show (row-level security). The settings end with the transaction, so a pooled
/// connection carries nothing over; a statement outside of a transaction sees no row.
/// </summary>
internal sealed class TenantTransactionInterceptor : DbTransactionInterceptor
{
    public const string OrganizationSetting = "weir.organization_id";

    public override async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection,
        TransactionEndEventData eventData,
        DbTransaction result,
        CancellationToken cancellationToken = default)
    {
        var organization = ((WeirDbContext)eventData.Context!).CurrentOrganization;
        await SetAsync((NpgsqlTransaction)result, OrganizationSetting, organization == default ? "" : organization.ToString(), cancellationToken);
        return result;
    }

    public override DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result) =>
        throw new NotSupportedException("Transactions are started asynchronously.");

    /// <summary>Sets a setting until the end of the transaction.</summary>
    public static async ValueTask SetAsync(NpgsqlTransaction transaction, string setting, string value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT set_config($1, $2, true)", transaction.Connection, transaction)
        {
            Parameters = { new() { Value = setting }, new() { Value = value } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
