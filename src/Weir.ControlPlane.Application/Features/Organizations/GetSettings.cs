using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Organizations;

public static class GetSettings
{
    [RequirePermission(Permission.ReadSettings)]
    public sealed record Query : IRequest<SettingsView>;

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, SettingsView>
    {
        public async ValueTask<SettingsView> Handle(Query request, CancellationToken cancellationToken)
        {
            var s = await db.OrganizationSettings.AsNoTracking().SingleAsync(cancellationToken);
            return new(s.MaxAge, s.MaxAgeServiceAccounts, s.RecordedRows, s.RecordedBytes);
        }
    }
}
