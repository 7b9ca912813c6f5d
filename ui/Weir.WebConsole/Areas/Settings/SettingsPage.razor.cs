using Weir.ControlPlane.Application.Features.Organizations;

namespace Weir.WebConsole.Areas.Settings;

/// <summary>Settings of the organization.</summary>
public sealed partial class SettingsPage
{
    private int _maxAgeMinutes;
    private int _maxAgeServiceAccountsMinutes;
    private int _recordedRows;
    private int _recordedBytes;
    private bool _isSaved;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var settings = await Mediator.SendAsync(new GetSettings.Query(), cancellationToken);
        _maxAgeMinutes = (int)settings.MaxAge.TotalMinutes;
        _maxAgeServiceAccountsMinutes = (int)settings.MaxAgeServiceAccounts.TotalMinutes;
        _recordedRows = settings.RecordedRows;
        _recordedBytes = settings.RecordedBytes;
    }

    private async Task SaveAsync()
    {
        _isSaved = false;
        var command = new ChangeSettings.Command(
            TimeSpan.FromMinutes(_maxAgeMinutes), TimeSpan.FromMinutes(_maxAgeServiceAccountsMinutes), _recordedRows, _recordedBytes);
        _isSaved = await TryActAsync(token => Mediator.SendAsync(command, token));
    }
}
