using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Domain;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Audit;
using Weir.ControlPlane.Domain.Documents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Sessions;
using Weir.ControlPlane.Domain.Webhooks;
using Weir.ControlPlane.Application.Persistence.Conversions;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>The control plane's database, as one organization sees it.</summary>
public sealed class WeirDbContext(DbContextOptions<WeirDbContext> options, ActorScope scope) : DbContext(options)
{
    /// <summary>Name of the query filter on the organization.</summary>
    public const string TenantFilter = "tenant";

    public DbSet<Organization> Organizations => Set<Organization>();

    public DbSet<OrganizationSettings> OrganizationSettings => Set<OrganizationSettings>();

    public DbSet<OrganizationCounters> Counters => Set<OrganizationCounters>();

    public DbSet<OrganizationKeys> OrganizationKeys => Set<OrganizationKeys>();

    public DbSet<Principal> Principals => Set<Principal>();

    public DbSet<Group> Groups => Set<Group>();

    public DbSet<GroupMembership> GroupMemberships => Set<GroupMembership>();

    public DbSet<ExternalLogin> ExternalLogins => Set<ExternalLogin>();

    public DbSet<LocalLogin> LocalLogins => Set<LocalLogin>();

    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    public DbSet<PolicyDocumentRecord> Documents => Set<PolicyDocumentRecord>();

    public DbSet<DocumentSecret> DocumentSecrets => Set<DocumentSecret>();

    public DbSet<Agent> Agents => Set<Agent>();

    public DbSet<AgentConnectionStatus> AgentConnectionStatuses => Set<AgentConnectionStatus>();

    public DbSet<EnrollmentToken> EnrollmentTokens => Set<EnrollmentToken>();

    public DbSet<AccessCredential> Credentials => Set<AccessCredential>();

    public DbSet<AccessRequest> AccessRequests => Set<AccessRequest>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<Review> Reviews => Set<Review>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<SessionStatement> SessionStatements => Set<SessionStatement>();

    public DbSet<SessionEventRecord> SessionEvents => Set<SessionEventRecord>();

    public DbSet<SessionSeal> SessionSeals => Set<SessionSeal>();

    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    public DbSet<Webhook> Webhooks => Set<Webhook>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    /// <summary>Guid.Empty, which no organization has, while there is none.</summary>
    internal OrganizationId CurrentOrganization => scope.Organization ?? default;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(WeirDbContext).Assembly);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(e => e.ClrType.IsAssignableTo(typeof(ITenantOwned))))
        {
            typeof(WeirDbContext).GetMethod(nameof(FilterByTenant), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
                .MakeGenericMethod(entity.ClrType).Invoke(this, [modelBuilder]);
        }

        modelBuilder.UseSnakeCaseNames();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseWeirConversions();

    private void FilterByTenant<T>(ModelBuilder modelBuilder)
        where T : class, ITenantOwned =>
        modelBuilder.Entity<T>().HasQueryFilter(TenantFilter, e => e.OrganizationId == CurrentOrganization);
}
