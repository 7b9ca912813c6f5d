using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class AccessApi
{
    public static void MapAccess(this RouteGroupBuilder api)
    {
        api.MapPost("/access-requests", (CreateAccessRequest.Command body, Caller caller) => caller.SendAsync(body)).WithSummary("Asks for time-bound access.");
        api.MapGet("/access-requests", ([AsParameters] Paging page, bool? all, Caller caller) => caller.SendAsync(new ListAccessRequests.Query(all ?? false, page.After, page.Size)));
        api.MapGet("/access-requests/{id:guid}", (Guid id, Caller caller) => caller.SendAsync(new GetAccessRequest.Query(id)));
        api.MapPost("/access-requests/{id:guid}/approve", (Guid id, CommentBody? body, Caller caller) => caller.SendAsync(new ApproveAccessRequest.Command(id, body?.Comment)));
        api.MapPost("/access-requests/{id:guid}/reject", (Guid id, CommentBody? body, Caller caller) => caller.SendAsync(new RejectAccessRequest.Command(id, body?.Comment)));
        api.MapPost("/access-requests/{id:guid}/withdraw", (Guid id, Caller caller) => caller.SendAsync(new WithdrawAccessRequest.Command(id)));
        api.MapGet("/grants", ([AsParameters] Paging page, bool? all, Caller caller) => caller.SendAsync(new ListGrants.Query(all ?? false, page.After, page.Size)));
        api.MapPost("/grants/{id:guid}/revoke", (Guid id, Caller caller) => caller.SendAsync(new RevokeGrant.Command(id))).WithSummary("Ends a grant and the sessions that rest on it.");
    }
}
