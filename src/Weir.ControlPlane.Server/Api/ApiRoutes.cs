using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

/// <summary>The HTTP API, <c>/api/v1</c>: a thin translation of routes to requests. What a caller may do is decided by the requests themselves.</summary>
internal static class ApiRoutes
{
    public static void AddWeirApi(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = ProblemWords.Complete);
        services.AddExceptionHandler<ProblemHandler>();
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "weir-antiforgery");
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi("v1");
    }

    public static void MapWeirApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        var api = app.MapGroup("/api/v1").RequireAuthorization(WeirAuthentication.ApiPolicy);
        api.MapSignIn();
        api.MapDocuments();
        api.MapCredentials();
        api.MapReviews();
        api.MapAccess();
        api.MapSessions();
        api.MapAgents();
        api.MapPrincipals();
        api.MapAudit();
        api.MapPacks();
        api.MapSettings();
        api.MapWebhooks();
    }
}
