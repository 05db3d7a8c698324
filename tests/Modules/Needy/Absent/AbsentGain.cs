namespace OscLooper.Absent;

/// <summary>[any] Its DLL lies nowhere where it could be found.</summary>
public class AbsentGain
{
    /// <summary>[any] A factor.</summary>
    public virtual float Factor => 1;
}
