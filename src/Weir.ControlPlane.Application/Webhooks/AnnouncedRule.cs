namespace Weir.ControlPlane.Application.Webhooks;

/// <param name="Source">guardrail, access_level, masking_rule, budget or gateway.</param>
internal sealed record AnnouncedRule(string Source, string Name);
