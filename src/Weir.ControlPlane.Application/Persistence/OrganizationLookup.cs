using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>
/// The few looks across organizations: from something that a caller presents to the organization it belongs to. Row-level security shows a row
/// for it only while the setting <c>weir.lookup</c> names exactly that thing, so a look-up that presents nothing finds nothing.
/// </summary>
internal sealed class OrganizationLookup(WeirDbContext db, ActorScope scope)
{
    public const string Setting = "weir.lookup";

    /// <summary>Enters the organization of an API token; false when there is none.</summary>
    public Task<bool> EnterByApiTokenAsync(byte[] secretHash, CancellationToken cancellationToken) =>
        EnterAsync("SELECT organization_id FROM api_tokens WHERE secret_hash = $1", "api_token", Convert.ToHexStringLower(secretHash), secretHash, cancellationToken);

    public Task<bool> EnterByEnrollmentTokenAsync(byte[] secretHash, CancellationToken cancellationToken) =>
        EnterAsync("SELECT organization_id FROM enrollment_tokens WHERE secret_hash = $1", "enrollment_token", Convert.ToHexStringLower(secretHash), secretHash, cancellationToken);

    public Task<bool> EnterByCredentialAsync(string credentialId, CancellationToken cancellationToken) =>
        EnterAsync("SELECT organization_id FROM access_credentials WHERE id = $1", "credential", credentialId, credentialId, cancellationToken);

    public Task<bool> EnterByAgentAsync(Guid agentId, CancellationToken cancellationToken) =>
        EnterAsync("SELECT organization_id FROM agents WHERE id = $1", "agent", agentId.ToString(), agentId, cancellationToken);

    public Task<bool> EnterByNameAsync(string name, CancellationToken cancellationToken) =>
        EnterAsync("SELECT organization_id FROM organizations WHERE name = $1", "organization", name, name, cancellationToken);

    /// <summary>For the system's sweeps, and for a sign-in that names no organization where there is only one.</summary>
    public async Task<IReadOnlyList<OrganizationId>> AllAsync(CancellationToken cancellationToken)
    {
        var transaction = Transaction();
        await TenantTransactionInterceptor.SetAsync(transaction, Setting, "organizations", cancellationToken);
        var found = new List<OrganizationId>();
        await using (var command = new NpgsqlCommand("SELECT organization_id FROM organizations ORDER BY organization_id", transaction.Connection, transaction))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(new OrganizationId(reader.GetGuid(0)));
            }
        }

        await TenantTransactionInterceptor.SetAsync(transaction, Setting, "", cancellationToken);
        return found;
    }

    /// <summary>From here on the transaction sees this organization's rows.</summary>
    public async Task EnterAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        scope.Enter(organization);
        await TenantTransactionInterceptor.SetAsync(Transaction(), TenantTransactionInterceptor.OrganizationSetting, organization.ToString(), cancellationToken);
    }

    private async Task<bool> EnterAsync(string query, string kind, string key, object value, CancellationToken cancellationToken)
    {
        var transaction = Transaction();
        await TenantTransactionInterceptor.SetAsync(transaction, Setting, $"{kind}:{key}", cancellationToken);
        object? found;
        await using (var command = new NpgsqlCommand(query, transaction.Connection, transaction) { Parameters = { new() { Value = value } } })
        {
            found = await command.ExecuteScalarAsync(cancellationToken);
        }

        await TenantTransactionInterceptor.SetAsync(transaction, Setting, "", cancellationToken);
        if (found is not Guid organization)
        {
            return false;
        }

        await EnterAsync(new OrganizationId(organization), cancellationToken);
        return true;
    }

    private NpgsqlTransaction Transaction() =>
        (NpgsqlTransaction)(db.Database.CurrentTransaction ?? throw new InvalidOperationException("A look-up needs a transaction.")).GetDbTransaction();
}
