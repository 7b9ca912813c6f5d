using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;

namespace Weir.ControlPlane.Application.Features.Audit;

/// <summary>Reads everything again and says whether anything was changed, dropped or added since it was written.</summary>
public static class VerifyAudit
{
    /// <param name="SessionId">Only this recording and the seals; null for all.</param>
    [RequirePermission(Permission.ReadAudit)]
    public sealed record Command(Guid? SessionId = null) : IRequest<Response>;

    public sealed record Response(bool Ok, Part Sessions, Part Seals, Part AuditEvents);

    /// <param name="Broken">Up to 1,000 faults.</param>
    public sealed record Part(long Checked, IReadOnlyList<Fault> Broken);

    public sealed record Fault(string Id, string What);

    internal sealed class Handler(ChangeJournal journal, ChainVerification verification) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var audit = request.SessionId is null ? await verification.VerifyAuditAsync(cancellationToken) : new(0, []);
            var seals = await verification.VerifySealsAsync(cancellationToken);
            var sessions = await verification.VerifySessionsAsync(request.SessionId, cancellationToken);
            var ok = audit.Broken.Count == 0 && seals.Broken.Count == 0 && sessions.Broken.Count == 0;
            journal.Audit("audit.verify", "organization", "", null, null, ("ok", ok ? "true" : "false"));
            return new(ok, sessions, seals, audit);
        }
    }
}
