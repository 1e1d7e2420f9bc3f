package deploy

// What follows is as much of the kinds of Kubernetes as the recipe uses, so that a
// key that is mistyped, or stands in the wrong place, is found.

type manifest struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   metadata          `yaml:"metadata"`
	Data       map[string]string `yaml:"data"` // of a ConfigMap
	Spec       spec              `yaml:"spec"`
}

type metadata struct {
	Name   string            `yaml:"name"`
	Labels map[string]string `yaml:"labels"`
}

// spec is that of a CronJob, or of a PersistentVolumeClaim.
type spec struct {
	Schedule                string `yaml:"schedule"`
	TimeZone                string `yaml:"timeZone"`
	ConcurrencyPolicy       string `yaml:"concurrencyPolicy"`
	StartingDeadlineSeconds int64  `yaml:"startingDeadlineSeconds"`
	SuccessfulJobs          *int32 `yaml:"successfulJobsHistoryLimit"`
	FailedJobs              *int32 `yaml:"failedJobsHistoryLimit"`
	JobTemplate             struct {
		Spec jobSpec `yaml:"spec"`
	} `yaml:"jobTemplate"`

	AccessModes []string  `yaml:"accessModes"`
	Resources   resources `yaml:"resources"`
}

type jobSpec struct {
	BackoffLimit          *int32 `yaml:"backoffLimit"`
	ActiveDeadlineSeconds int64  `yaml:"activeDeadlineSeconds"`
	PodFailurePolicy      struct {
		Rules []rule `yaml:"rules"`
	} `yaml:"podFailurePolicy"`
	Template struct {
		Metadata metadata `yaml:"metadata"`
		Spec     podSpec  `yaml:"spec"`
	} `yaml:"template"`
}

type rule struct {
	Action      string `yaml:"action"`
	OnExitCodes *struct {
		ContainerName string `yaml:"containerName"`
		Operator      string `yaml:"operator"`
		Values        []int  `yaml:"values"`
	} `yaml:"onExitCodes"`
	OnPodConditions []struct {
		Type   string `yaml:"type"`
		Status string `yaml:"status"`
	} `yaml:"onPodConditions"`
}

type podSpec struct {
	RestartPolicy                 string `yaml:"restartPolicy"`
	AutomountServiceAccountToken  *bool  `yaml:"automountServiceAccountToken"`
	TerminationGracePeriodSeconds int64  `yaml:"terminationGracePeriodSeconds"`
	SecurityContext               struct {
		RunAsNonRoot        bool   `yaml:"runAsNonRoot"`
		RunAsUser           int64  `yaml:"runAsUser"`
		RunAsGroup          int64  `yaml:"runAsGroup"`
		FSGroup             int64  `yaml:"fsGroup"`
		FSGroupChangePolicy string `yaml:"fsGroupChangePolicy"`
		SeccompProfile      struct {
			Type string `yaml:"type"`
		} `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []container `yaml:"containers"`
	Volumes    []volume    `yaml:"volumes"`
}

type container struct {
	Name    string   `yaml:"name"`
	Image   string   `yaml:"image"`
	Args    []string `yaml:"args"`
	EnvFrom []struct {
		ConfigMapRef struct {
			Name string `yaml:"name"`
		} `yaml:"configMapRef"`
	} `yaml:"envFrom"`
	Env []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"env"`
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct {
			Drop []string `yaml:"drop"`
		} `yaml:"capabilities"`
	} `yaml:"securityContext"`
	Resources    resources `yaml:"resources"`
	VolumeMounts []struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

type resources struct {
	Requests map[string]string `yaml:"requests"`
	Limits   map[string]string `yaml:"limits"`
}

type volume struct {
	Name                  string `yaml:"name"`
	PersistentVolumeClaim *struct {
		ClaimName string `yaml:"claimName"`
	} `yaml:"persistentVolumeClaim"`
	Secret *struct {
		SecretName  string `yaml:"secretName"`
		DefaultMode int32  `yaml:"defaultMode"`
	} `yaml:"secret"`
	EmptyDir *struct {
		SizeLimit string `yaml:"sizeLimit"`
	} `yaml:"emptyDir"`
}
