using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Documents;

public static class GetDocument
{
    [RequirePermission(Permission.ReadPolicies)]
    public sealed record Query(string Kind, string Name) : IRequest<DocumentView>;

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, DocumentView>
    {
        public async ValueTask<DocumentView> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Kind == request.Kind && d.Name == request.Name, cancellationToken) is { } found
                ? DocumentView.Of(found)
                : throw new NotFoundException(request.Kind, request.Name);
    }
}
