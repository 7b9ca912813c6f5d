using Microsoft.AspNetCore.Mvc;

namespace Weir.ControlPlane.Server.Api;

/// <summary>What a problem says that was made from a status code alone.</summary>
internal static class ProblemWords
{
    public static void Complete(ProblemDetailsContext context)
    {
        ProblemDetails problem = context.ProblemDetails;
        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status401Unauthorized => "The token is missing, unknown, expired or revoked. Run 'weir login', or send 'Authorization: Bearer TOKEN'.",
            StatusCodes.Status404NotFound => "There is no such address; the API is described at /openapi/v1.json.",
            StatusCodes.Status405MethodNotAllowed => "This address does not take that method.",
            StatusCodes.Status413PayloadTooLarge => "The request is larger than the server accepts.",
            StatusCodes.Status415UnsupportedMediaType => "Send application/json.",
            StatusCodes.Status429TooManyRequests => "Too many attempts; wait a minute.",
            _ => null,
        };
    }
}
