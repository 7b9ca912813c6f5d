namespace Weir.ControlPlane.Server.Api;

/// <param name="Comment">For whoever asked.</param>
internal sealed record CommentBody(string? Comment = null);
