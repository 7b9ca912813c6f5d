using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Organizations;

public static class ChangeSettings
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(TimeSpan MaxAge, TimeSpan MaxAgeServiceAccounts, int RecordedRows, int RecordedBytes) : IRequest<SettingsView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.MaxAge).InclusiveBetween(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
            RuleFor(c => c.MaxAgeServiceAccounts).InclusiveBetween(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
            RuleFor(c => c.RecordedRows).InclusiveBetween(0, 100_000);
            RuleFor(c => c.RecordedBytes).InclusiveBetween(0, 8 * 1024 * 1024);
        }
    }

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal) : IRequestHandler<Command, SettingsView>
    {
        public async ValueTask<SettingsView> Handle(Command request, CancellationToken cancellationToken)
        {
            await journal.ChangePolicyAsync(cancellationToken);
            var settings = await db.OrganizationSettings.SingleAsync(cancellationToken);
            var before = $"{settings.MaxAge} {settings.MaxAgeServiceAccounts} {settings.RecordedRows} {settings.RecordedBytes}";
            settings.Change(request.MaxAge, request.MaxAgeServiceAccounts, request.RecordedRows, request.RecordedBytes);
            journal.Audit(
                "settings.change", "organization", settings.OrganizationId.ToString(), Digest.Of(before), Digest.Of($"{request.MaxAge} {request.MaxAgeServiceAccounts} {request.RecordedRows} {request.RecordedBytes}"),
                ("maxAge", $"{request.MaxAge}"), ("recordedRows", $"{request.RecordedRows}"));
            return new(settings.MaxAge, settings.MaxAgeServiceAccounts, settings.RecordedRows, settings.RecordedBytes);
        }
    }
}
