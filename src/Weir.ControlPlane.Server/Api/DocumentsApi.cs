using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Policies;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class DocumentsApi
{
    public static void MapDocuments(this RouteGroupBuilder api)
    {
        api.MapGet("/connections", (Caller caller) => caller.SendAsync(new ListConnections.Query())).WithSummary("Connections that the caller may use or ask for.");
        api.MapPost("/documents/apply", (ApplyDocuments.Command body, Caller caller) => caller.SendAsync(body)).WithSummary("Creates or changes documents, all or nothing; dryRun shows what would change.");
        api.MapPost("/policy/backtest", (BacktestPolicy.Command body, Caller caller) => caller.SendAsync(body)).WithSummary("What would be decided about recorded statements under other documents.");
        api.MapGet("/documents", ([AsParameters] Paging page, string? kind, Caller caller) => caller.SendAsync(new ListDocuments.Query(kind, page.After, page.Size)));
        api.MapGet("/documents/{kind}/{name}", (string kind, string name, Caller caller) => caller.SendAsync(new GetDocument.Query(kind, name)));
        api.MapDelete("/documents/{kind}/{name}", (string kind, string name, Caller caller) => caller.SendAsync(new DeleteDocument.Command(kind, name)));
    }
}
