using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Principals;

public static class ListPrincipals
{
    /// <param name="After">Name after which to go on.</param>
    [RequirePermission(Permission.ReadPrincipals)]
    public sealed record Query(string? After = null, int Limit = PageLimits.Default) : IRequest<Page<PrincipalView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db, PrincipalReader reader) : IRequestHandler<Query, Page<PrincipalView>>
    {
        public async ValueTask<Page<PrincipalView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var rows = await db.Principals.AsNoTracking()
                .Where(p => request.After == null || p.Name.CompareTo(request.After) > 0)
                .OrderBy(p => p.Name)
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            var page = rows.ToPage(request.Limit, p => p.Name);
            return new(await reader.ToViewsAsync(page.Items, cancellationToken), page.Next);
        }
    }
}
