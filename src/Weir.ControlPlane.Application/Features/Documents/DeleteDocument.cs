using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Documents;

public static class DeleteDocument
{
    [RequirePermission(Permission.ChangePolicies)]
    public sealed record Command(string Kind, string Name) : IRequest<Response>;

    /// <param name="Version">The policy version after it.</param>
    public sealed record Response(long Version);

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var version = await journal.ChangePolicyAsync(cancellationToken);
            var record = await db.Documents.SingleOrDefaultAsync(d => d.Kind == request.Kind && d.Name == request.Name, cancellationToken)
                ?? throw new NotFoundException(request.Kind, request.Name);
            db.Documents.Remove(record);
            journal.Audit("document.delete", record.Kind, record.Name, Digest.Of(record.Spec));
            return new(version);
        }
    }
}
