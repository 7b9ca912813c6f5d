using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class AuditApi
{
    public static void MapAudit(this RouteGroupBuilder api)
    {
        api.MapGet("/audit", ([AsParameters] Paging page, string? actor, string? action, Caller caller) => caller.SendAsync(new ListAuditEvents.Query(actor, action, page.After, page.Size)));
        api.MapPost("/audit/verify", (VerifyBody? body, Caller caller) => caller.SendAsync(new VerifyAudit.Command(body?.SessionId)))
            .WithSummary("Reads recordings, seals and audit events again and says whether anything was changed.");
    }

    internal sealed record VerifyBody(Guid? SessionId = null);
}
