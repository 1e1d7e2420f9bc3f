package deploy

// What follows is as much of the kinds of Kubernetes as the recipes use. That every key
// is one of its kind is checked with the types of Kubernetes itself; see
// TestManifestsAreOfKubernetes.

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

// spec is that of a CronJob, a Job, a PersistentVolumeClaim, a Deployment or a Service.
type spec struct {
	Job jobSpec `yaml:",inline"`

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

	Replicas int32             `yaml:"replicas"`
	Strategy map[string]string `yaml:"strategy"`
	Selector any               `yaml:"selector"`
	Ports    []port            `yaml:"ports"`
}

type jobSpec struct {
	CompletionMode        string `yaml:"completionMode"`
	Completions           int    `yaml:"completions"`
	Parallelism           int    `yaml:"parallelism"`
	BackoffLimit          *int32 `yaml:"backoffLimit"`
	TTLAfterFinished      *int32 `yaml:"ttlSecondsAfterFinished"`
	BackoffLimitPerIndex  *int32 `yaml:"backoffLimitPerIndex"`
	PodReplacementPolicy  string `yaml:"podReplacementPolicy"`
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
	Command []string `yaml:"command"`
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
	Ports           []port `yaml:"ports"`
	ReadinessProbe  any    `yaml:"readinessProbe"`
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

type port struct {
	Name          string `yaml:"name"`
	Port          int    `yaml:"port"`
	TargetPort    string `yaml:"targetPort"`
	ContainerPort int    `yaml:"containerPort"`
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
	ConfigMap *struct {
		Name  string `yaml:"name"`
		Items []struct {
			Key  string `yaml:"key"`
			Path string `yaml:"path"`
		} `yaml:"items"`
	} `yaml:"configMap"`
	EmptyDir *struct {
		SizeLimit string `yaml:"sizeLimit"`
	} `yaml:"emptyDir"`
}
