using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Policies;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Pipeline;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Webhooks;
using Weir.Sql.Analysis;
using Weir.Sql.Parsing;

namespace Weir.ControlPlane.Application;

public static class ControlPlaneApplication
{
    /// <summary>
    /// Everything the use cases need, except what the composition root owns: the generated mediator with scoped lifetime
    /// (<c>AddMediator(o => o.ServiceLifetime = ServiceLifetime.Scoped)</c>), <see cref="Delivery.IAgentDelivery"/>,
    /// <see cref="Features.Sessions.Recording.ISessionEventReader"/> and a <see cref="TimeProvider"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A request declares no permission.</exception>
    public static IServiceCollection AddControlPlaneApplication(this IServiceCollection services, ControlPlaneOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(RequestPermissions.OfApplication());
        services.AddSingleton<IClusterSignals, ClusterSignals>();
        services.AddSingleton(provider => new ClusterChannel(provider.GetRequiredService<IClusterSignals>()));
        services.AddSingleton(provider => new CookieKeyProtector(provider.GetRequiredService<MasterKey>()));
        services.AddSingleton<ActorMediator>();
        services.AddSingleton<DatabaseGuard>();
        services.AddScoped<ActorScope>();
        services.AddScoped<OrganizationLookup>();
        services.AddScoped<ChangeJournal>();
        services.AddScoped<WebhookOutbox>();
        services.AddScoped<WebhookTargets>();
        services.AddScoped<UnitOfWork>();
        services.AddSingleton(_ => MasterKey.LoadOrCreate(options.MasterKeyFile));
        services.AddSingleton<DataKeyCache>();
        services.AddSingleton<OrganizationKeyFactory>();
        services.AddScoped<ISecretProtector, OrganizationSecretProtector>();
        services.AddScoped<PolicyDocuments>();
        services.AddScoped<PrincipalReader>();
        services.AddScoped<GroupAssignment>();
        services.AddScoped<EnrollmentTokens>();
        services.AddScoped<ConnectionAddresses>();
        services.AddScoped<IssueCredential.Issuing>();
        services.AddScoped<SessionReader>();
        services.AddScoped<RecordingWriter>();
        services.AddScoped<StatementCompletion>();
        services.AddScoped<ChainVerification>();
        services.AddScoped<OrganizationEntry>();
        services.AddScoped<BacktestPolicy.Reading>();
        services.AddSingleton(_ => new PostgresParser());
        services.AddSingleton<StatementAnalyzer>();
        services.AddDbContext<WeirDbContext>(db => db
            .UseNpgsql(options.ConnectionString)
            .AddInterceptors(new TenantTransactionInterceptor()));
        services.AddValidatorsFromAssembly(typeof(ControlPlaneApplication).Assembly, includeInternalTypes: true);

        // From the outside in.
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(TelemetryBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(FailureBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(AuthorizationBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(TransactionBehavior<,>));
        return services;
    }
}
