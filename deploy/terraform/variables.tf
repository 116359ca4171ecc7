variable "project" {
  description = "Project that the job runs in."
  type        = string
}

variable "audited_project" {
  description = "Project whose logs are read."
  type        = string
}

variable "region" {
  description = "Region of the job and its schedule."
  type        = string
  default     = "us-central1"
}

variable "image" {
  description = "The image built from the Dockerfile, by digest: REGION-docker.pkg.dev/PROJECT/REPO/loganalyze@sha256:..."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by digest, so that what runs is what was reviewed."
  }
}

variable "environment" {
  description = "Name of the audited environment, as reports call it."
  type        = string
  default     = "staging"
}

variable "schedule" {
  description = "When to run, in cron's form, UTC."
  type        = string
  default     = "*/15 * * * *"
}

variable "state_url_secret" {
  description = "Secret that holds the state's URL: postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."
  type        = string
  default     = "loganalyze-state-url"
}

variable "github_repository" {
  description = "OWNER/NAME of the repository whose issues are kept; empty to publish none."
  type        = string
  default     = ""
}

variable "github_token_secret" {
  description = "Secret that holds a GitHub token with the permission Issues: write."
  type        = string
  default     = "loganalyze-github-token"
}
