namespace OscLooper.Server.Realm;

/// <summary>[any] What an imp is doing; the words of /realm/imp/NAME/state.</summary>
public enum ImpState
{
    /// <summary>[any] Wanted, but its module is not there. What it remembered is kept.</summary>
    Absent,
    /// <summary>[any] Its module is being read, made and given its data.</summary>
    Loading,
    /// <summary>[any] It exists and does nothing.</summary>
    Frozen,
    /// <summary>[any] It plays.</summary>
    Active,
    /// <summary>[any] It fades out and lets go of what it holds.</summary>
    Freezing,
    /// <summary>[any] It went wrong, is silent, and is made anew after a while.</summary>
    Faulted,
    /// <summary>[any] It went wrong too often: only a respawn or another DLL brings it back.</summary>
    Quarantined,
    /// <summary>[any] A successor is being made; the old one plays on until that has taken its data.</summary>
    Respawning,
    /// <summary>[any] It is wanted no more.</summary>
    Removed,
}
