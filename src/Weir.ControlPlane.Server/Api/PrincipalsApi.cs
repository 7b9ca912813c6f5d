using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class PrincipalsApi
{
    public static void MapPrincipals(this RouteGroupBuilder api)
    {
        api.MapGet("/principals", ([AsParameters] Paging page, Caller caller) => caller.SendAsync(new ListPrincipals.Query(page.After, page.Size)));
        api.MapPost("/principals", (CreatePrincipal.Command body, Caller caller) => caller.SendAsync(body));
        api.MapPut("/principals/{id:guid}/groups", (Guid id, GroupsBody body, Caller caller) => caller.SendAsync(new SetGroups.Command(id, body.Groups)));
        api.MapPut("/principals/{id:guid}/roles", (Guid id, RolesBody body, Caller caller) => caller.SendAsync(new SetRoles.Command(id, body.Roles)));
        api.MapPost("/principals/{id:guid}/disable", (Guid id, Caller caller) => caller.SendAsync(new DisablePrincipal.Command(id))).WithSummary("Ends all that a principal can do, and its sessions.");
        api.MapPost("/principals/{id:guid}/enable", (Guid id, Caller caller) => caller.SendAsync(new EnablePrincipal.Command(id)));
        api.MapGet("/groups", (Caller caller) => caller.SendAsync(new ListGroups.Query()));
    }

    internal sealed record GroupsBody(IReadOnlyList<string> Groups);

    internal sealed record RolesBody(IReadOnlyList<string> Roles);
}
