using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>A webhook was changed, or has something to send, or has sent something.</summary>
/// <param name="HasWork">Something waits to be sent.</param>
public sealed record WebhookChanged(OrganizationId Organization, WebhookId Webhook, bool HasWork) : ClusterSignal(Organization);
