using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class CredentialsApi
{
    public static void MapCredentials(this RouteGroupBuilder api)
    {
        api.MapPost("/credentials", (IssueCredential.Command body, Caller caller) => caller.SendAsync(body)).WithSummary("Issues an access credential; its secret is in this answer only.");
        api.MapGet("/credentials", ([AsParameters] Paging page, bool? all, string? connection, string? principal, Caller caller) =>
            caller.SendAsync(new ListCredentials.Query(all ?? false, connection, principal, page.After, page.Size)));
        api.MapPost("/credentials/{id}/revoke", (string id, Caller caller) => caller.SendAsync(new RevokeCredential.Command(id)));
    }
}
